"""Rust errors in the layouts of panic hooks and error libraries, and panics between the lines of other writers."""

from __future__ import annotations

import pytest
from growth import assert_linear

from graph.model.report import ParsedReport
from graph.parsing.read import read


def only(text: str) -> ParsedReport:
    reports = [report for report in read(text).reports if report.format != "log"]
    assert [report.format for report in reports] == ["rust"]
    return reports[0]


def culprit_of(report: ParsedReport) -> str | None:
    return report.culprit.qualified if report.culprit else None


@pytest.mark.parametrize(
    "following",
    [
        "2026-03-05T10:15:22Z INFO wren::song: next",
        "[2026-03-05T10:15:22Z INFO  wren::song] next",
        '{"timestamp":"2026-03-05T10:15:22Z","level":"INFO","fields":{"message":"next"}}',
        "WARN wren::song: next",
        "I0305 10:15:22.123456    12 song.rs:9] next",
        "Aborted (core dumped)",
        "Segmentation fault",
        "error: process didn't exit successfully: `target/debug/wren` (exit code: 101)",
        "make: *** [Makefile:3: run] Error 101",
        "```",
        "ann@mill:~/wren$ cargo run",
        '10.0.0.7 - - [05/Mar/2026:10:15:22 +0000] "GET /song HTTP/1.1" 500 0',
        "thread 'main' panicked at src/main.rs:5:20:\ncalled `Result::unwrap()` on an `Err` value: Any { .. }",
    ],
)
def test_a_message_without_a_note_ends_before_another_writer(following: str) -> None:
    report = only(f"thread 'w1' panicked at src/song.rs:31:9:\nassertion failed: a\n  left: 1\n{following}\nmore\n")
    assert report.message == "assertion failed: a\n  left: 1"


def test_a_panic_hook_that_logs() -> None:
    report = only("2026-01-02T10:00:00.123Z ERROR panic: thread 'main' panicked at 'no song': src/song.rs:9\n")
    assert (report.error_type, report.message, culprit_of(report)) == ("panic", "no song", "song.rs")
    assert report.occurred_at is not None


def test_a_backtrace_of_an_old_compiler() -> None:
    report = only(
        "thread 'main' panicked at 'no song', libcore/option.rs:345:21\n"
        "stack backtrace:\n"
        "   0: std::sys::unix::backtrace::tracing::imp::unwind_backtrace\n"
        "             at libstd/sys/unix/backtrace/tracing/gcc_s.rs:49\n"
        "   1: std::panicking::default_hook::{{closure}}\n"
        "             at libstd/sys_common/backtrace.rs:71\n"
        "             at libstd/sys_common/backtrace.rs:59\n"
        "   2: <core::option::Option<T>>::unwrap\n"
        "             at libcore/macros.rs:20\n"
        "   3: wren::song::load\n"
        "             at src/song.rs:13\n"
        "   4: wren::main\n"
        "             at src/main.rs:6\n"
    )
    assert (culprit_of(report), report.frame_count) == ("wren::song::load", 5)


WASM = (
    "panicked at src/song.rs:14:5:\n"
    "index out of bounds: the len is 1 but the index is 5\n"
    "\n"
    "Stack:\n"
    "\n"
    "Error\n"
    "    at imports.wbg.__wbg_new_abda76e883ba8a5f (http://localhost:8080/pkg/wren.js:340:21)\n"
    "    at console_error_panic_hook::hook::h4a8c3e7c0f8a4b3c (wren_bg.wasm:0x1b2f3)\n"
    "    at std::panicking::rust_panic_with_hook::h2f3e1d0c9b8a7f6e (wren_bg.wasm:0x22f1a)\n"
    "    at core::panicking::panic_fmt::h1a2b3c4d5e6f7a8b (wren_bg.wasm:0x2bb1e)\n"
    "    at wren::song::Song::verse::h9f8e7d6c5b4a3f2e (wren_bg.wasm:0x1a2b3)\n"
    "    at http://localhost:8080/pkg/wren.js:211:20\n"
)
GECKO = (
    "panicked at src/song.rs:14:5:\n"
    "no verse\n"
    "\n"
    "Stack:\n"
    "\n"
    "imports.wbg.__wbg_new_abda76e883ba8a5f@http://localhost:8080/pkg/wren.js:340:21\n"
    "core::panicking::panic_fmt::h1a2b@http://localhost:8080/pkg/wren_bg.wasm:wasm-function[93]:0x2bb1e\n"
    "wren::song::Song::verse::h9f8e@http://localhost:8080/pkg/wren_bg.wasm:wasm-function[12]:0x1a2b3\n"
    "run@http://localhost:8080/pkg/wren.js:211:20\n"
)


@pytest.mark.parametrize(("text", "count"), [(WASM, 6), (GECKO, 4)], ids=["chrome", "firefox"])
def test_the_stack_of_a_panic_in_a_browser_belongs_to_it(text: str, count: int) -> None:
    report = only(text)
    assert (report.error_type, report.frame_count) == ("panic", count)
    assert (culprit_of(report) or "").startswith("wren::song::Song::verse")
    assert report.span == (0, len(text))


def test_the_layout_of_color_eyre() -> None:
    bar = "━" * 34
    text = (
        "Error: \n"
        "   0: could not tune the wren\n"
        "   1: No such file or directory (os error 2)\n"
        "\n"
        "Location:\n"
        "   src/song.rs:9\n"
        "\n"
        f"  {bar} SPANTRACE {bar}━\n"
        "\n"
        '   0: wren::song::load with path="song.toml"\n'
        "      at src/song.rs:5\n"
        "\n"
        "Suggestion: give it a song\n"
        f"  {bar} BACKTRACE {bar}━\n"
        "                                ⋮ 5 frames hidden ⋮                               \n"
        "   6: wren::song::load::h8b2c1d0e9f8a7b6c\n"
        "      at /home/ann/wren/src/song.rs:9\n"
        "   7: wren::main::h8b2c1d0e9f8a7b6d\n"
        "      at /home/ann/wren/src/main.rs:44\n"
        "                                ⋮ 10 frames hidden ⋮                              \n"
        "\n"
        "Run with COLORBT_SHOW_HIDDEN=1 environment variable to disable frame filtering.\n"
    )
    report = only(text)
    assert (report.error_type, report.message) == ("Error", "could not tune the wren")
    assert [cause.message for cause in report.causes] == ["No such file or directory (os error 2)"]
    assert [frame.function for frame in report.frames] == [
        "wren::song::load::h8b2c1d0e9f8a7b6c",
        "wren::main::h8b2c1d0e9f8a7b6d",
    ]
    assert report.span == (0, len(text))


def test_a_location_alone_is_enough_for_an_error_of_eyre() -> None:
    report = only("Error: could not tune the wren\n\nCaused by:\n    no song\n\nLocation:\n    src/song.rs:9:33\n")
    assert (report.message, culprit_of(report), report.causes[0].message) == ("could not tune the wren", "song.rs", "no song")


@pytest.mark.parametrize(
    ("text", "message", "causes"),
    [
        (
            "Error: wren::load\n\n  × could not tune the wren\n  ├─▶ could not open song.toml\n  ╰─▶ No such file\n",
            "could not tune the wren",
            ["could not open song.toml", "No such file"],
        ),
        (
            "Error:   × unexpected note\n   ╭─[song.txt:3:5]\n 2 │ la la\n   ·    ─┬\n   ·     ╰── here\n   ╰────\n",
            "unexpected note",
            [],
        ),
        (
            "Error: \n  × a long message that\n  │ wraps\n  ╰─▶ no song\n",
            "a long message that wraps",
            ["no song"],
        ),
    ],
    ids=["chain", "snippet", "wrapped"],
)
def test_the_layout_of_miette(text: str, message: str, causes: list[str]) -> None:
    report = only(text)
    assert (report.error_type, report.message) == ("Error", message)
    assert [cause.message for cause in report.causes] == causes
    assert report.span == (0, len(text))


def test_the_layout_of_error_stack() -> None:
    text = (
        "Error: could not tune the wren\n├╴at src/song.rs:31:9\n├╴an attachment\n│\n╰─▶ no song\n    ├╴at src/note.rs:12:3\n"
        "    ╰╴backtrace (1)\n"
    )
    report = only(text)
    assert (report.message, report.frames[0].line, report.span) == ("could not tune the wren", 31, (0, len(text)))
    [cause] = report.causes
    assert (cause.message, cause.frames[0].qualified, culprit_of(report)) == ("no song", "note.rs", "note.rs")


def test_a_report_saved_as_toml() -> None:
    text = (
        "name = 'wren'\n"
        "operating_system = 'unix:Ubuntu'\n"
        "crate_version = '0.1.0'\n"
        "explanation = '''\n"
        "Panic occurred in file 'src/song.rs' at line 9\n"
        "'''\n"
        "cause = 'no song'\n"
        "method = 'Panic'\n"
        "backtrace = '''\n"
        "\n"
        "   0: 0x55d1c2a3b5f3 - core::panicking::panic_fmt::h1e3b\n"
        "                at /rustc/07dca489ac2d/library/core/src/panicking.rs:72\n"
        "   1: 0x55d1c2a3b5f4 - wren::song::load::h1e3b\n"
        "                at src/song.rs:9\n"
        "   2: 0x55d1c2a3b5f5 - wren::main::h1e3b\n"
        "                at src/main.rs:9'''\n"
    )
    report = only(text)
    assert (report.error_type, report.message, culprit_of(report)) == ("panic", "no song", "wren::song::load::h1e3b")
    assert (report.product, report.version, report.span) == ("wren", "0.1.0", (0, len(text)))


@pytest.mark.parametrize(
    "line",
    ["  × song\n", "Panic occurred in file 'a.rs' at line 1\n", "Stack:\n\nError\n", "━ SPANTRACE ━\n   0: a\n", "Location:\n"],
)
def test_growth_is_linear(line: str) -> None:
    assert_linear(
        lambda text: read(text, "rust"), lambda count: "Error:\nthread 'a' panicked at a.rs:1:1:\n" + line * count, 8_000
    )


def test_a_trap_in_webassembly_has_the_stack_of_the_module() -> None:
    [report] = read(
        "Error: failed to run main module `wren.wasm`\n\nCaused by:\n    0: failed to invoke command default\n"
        "    1: error while executing at wasm backtrace:\n           0: 0x1c9b - wren.wasm!rust_panic\n"
        "           1:  0x9e2 - wren.wasm!wren::song::fold\n                    at /src/wren/song.rs:12:5\n"
        "           2:  0x7a1 - wren.wasm!_start\n    2: wasm trap: wasm `unreachable` instruction executed\n"
    ).reports
    assert [frame.function for frame in report.frames] == ["rust_panic", "wren::song::fold", "_start"]
    assert report.culprit == report.frames[1]
    assert report.frames[1].line == 12
    assert [cause.message for cause in report.causes] == [
        "failed to invoke command default",
        "wasm trap: wasm `unreachable` instruction executed",
    ]
