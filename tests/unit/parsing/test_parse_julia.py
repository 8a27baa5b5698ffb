"""Julia: errors of several versions, of the logger, of tasks and tests."""

from __future__ import annotations

from functools import partial

import pytest
from growth import assert_linear
from reading import blamed, names, only_report

from graph.parsing.julia.frames import function_name
from graph.parsing.julia.parser import JuliaParser
from graph.parsing.read import read

only = partial(only_report, "julia")


FRAMES = (
    " [1] getindex\n   @ ./essentials.jl:13 [inlined]\n [2] rise(shore::Vector{Int64}; by::Int64)\n"
    "   @ Tide ~/tide/src/Tide.jl:31\n"
    " [3] top-level scope\n   @ ~/tide/run.jl:9\n"
)


def test_an_error_with_places_below() -> None:
    report = only(
        "ERROR: LoadError: BoundsError: attempt to access 3-element Vector{Int64} at index [4]\nStacktrace:\n"
        + FRAMES
        + "in expression starting at /home/x/tide/run.jl:9\n"
    )
    assert (report.error_type, report.message) == ("BoundsError", "attempt to access 3-element Vector{Int64} at index [4]")
    assert names(report) == ["getindex", "rise", "top-level scope"]
    assert (blamed(report), report.frames[1].file, report.frames[1].line) == ("rise", "~/tide/src/Tide.jl", 31)
    assert (report.frames[0].inlined, report.frames[0].in_app) == (True, False)


def test_an_error_with_places_behind() -> None:
    report = only(
        "julia> flow(1)\nERROR: no tide\nStacktrace:\n [1] error(::String) at ./error.jl:33\n"
        " [2] #rise#3(::Int64, ::typeof(rise), ::Nothing) at /src/Tide.jl:31\n"
        " [3] flow(::Int64) at /src/Tide.jl:40 (repeats 3 times)\n"
        " [4] top-level scope at REPL[2]:1\n"
    )
    assert (report.error_type, report.message) == ("ErrorException", "no tide")
    assert names(report) == ["error", "rise", "flow", "top-level scope"]
    assert (report.frame_count, blamed(report)) == (6, "rise")


def test_causes_and_errors_of_tasks() -> None:
    report = only(
        "ERROR: KeyError: key 7 not found\nStacktrace:\n [1] getindex(h::Dict{Int64, Int64}, key::Int64)\n"
        "   @ Base ./dict.jl:484\n"
        " [2] flow()\n   @ Main /src/a.jl:2\n\ncaused by: DomainError with -1.0:\n"
        "sqrt was called with a negative real argument\n"
        "Stacktrace:\n [1] throw_complex_domainerror(f::Symbol, x::Float64)\n   @ Base.Math ./math.jl:33\n"
        " [2] ebb()\n   @ Main /src/a.jl:9\n"
    )
    assert (report.error_type, report.message, blamed(report)) == ("KeyError", "key 7 not found", "flow")
    [cause] = report.causes
    assert cause.frames[-1].qualified == "ebb"
    task = only(
        "ERROR: TaskFailedException\n\n    nested task error: UndefVarError: `tide` not defined\n    Stacktrace:\n"
        '     [1] macro expansion\n       @ /src/a.jl:5 [inlined]\n     [2] (::var"#1#2")()\n'
        '       @ Main ./threadingconstructs.jl:5\n'
    )  # fmt: skip
    assert (task.error_type, task.message) == ("UndefVarError", "`tide` not defined")


def test_a_record_of_the_logger() -> None:
    report = only(
        "\u250c Error: request failed\n\u2502   exception =\n\u2502    MethodError: no method matching rise(::Nothing)\n"
        "\u2502    Stacktrace:\n\u2502     [1] flow()\n\u2502       @ Main /src/a.jl:5\n\u2502     [2] top-level scope\n"
        "\u2502       @ /src/a.jl:9\n\u2514 @ Main /src/a.jl:11\n"
    )
    assert (report.error_type, report.message) == ("MethodError", "no method matching rise(::Nothing)")
    assert names(report) == ["flow", "top-level scope"]


def test_tests() -> None:
    reports = read(
        "rise: Test Failed at /src/runtests.jl:3\n  Expression: rise(1) == 2\n   Evaluated: 3 == 2\n\nStacktrace:\n"
        " [1] macro expansion\n   @ /usr/share/julia/stdlib/v1.10/Test/src/Test.jl:672 [inlined]\n [2] top-level scope\n"
        "   @ /src/runtests.jl:3\n"
        "fall: Error During Test at /src/runtests.jl:8\n  Got exception outside of a @test\n"
        "  ArgumentError: no tide\n  Stacktrace:\n"
        "   [1] fall()\n     @ Main /src/a.jl:5\n"
    ).reports
    assert [(report.format, report.error_type) for report in reports] == [("julia", "Test Failed"), ("julia", "ArgumentError")]
    assert (reports[1].message, blamed(reports[1])) == ("no tide", "fall")


def test_a_fatal_signal() -> None:
    report = only(
        "\n[412] signal (11.1): Segmentation fault\nin expression starting at /src/a.jl:3\n"
        "unsafe_load at ./pointer.jl:111 [inlined]\nrise at /src/a.jl:3\n_jl_invoke at /cache/build/src/gf.c:2894 [inlined]\n"
        "jl_apply at /cache/build/src/julia.h:1982 [inlined]\nAllocations: 2907 (Pool: 2898; Big: 9); GC: 0\n"
    )
    assert (report.error_type, blamed(report)) == ("Segmentation fault", "rise")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("rise(n::Int64; by::Int64)", "rise"),
        ("rise!{T}(x::T)", "rise!"),
        ("#rise#3(::Int64)", "rise"),
        ('var"#rise#3"(by::Int64)', "rise"),
        ('(::Tide.var"#7#8"{Int64})(x::Int64)', "<anonymous>"),
        ("top-level scope", "top-level scope"),
        ("macro expansion", "macro expansion"),
        ("kwcall(::NamedTuple, ::typeof(Tide.rise), x::Int64)", "rise"),
        ("+(x::Int64, y::Nothing)", "+"),
    ],
)  # fmt: skip
def test_names(text: str, name: str) -> None:
    assert function_name(text) == name


@pytest.mark.parametrize(
    "unit",
    [
        "ERROR: a\nStacktrace:\n [1] b\n   @ c.jl:3\n",
        "Stacktrace:\n [1] b\n",
        "Stacktrace:\n",
        " [1] b at c.jl:3\n",
        " [2] b\n   @ c.jl:3\n",
        "ERROR: ",
        "signal (11): Segmentation fault\n",
        "signal (11): Segmentation fault\na at b:3\n",
        "x\n",
    ],
)
def test_time_grows_linearly(unit: str) -> None:
    start = "ERROR: a\nStacktrace:\n [1] b\n"
    assert_linear(lambda text: list(JuliaParser().parse(text)), lambda count: start + unit * count, 4_000)
