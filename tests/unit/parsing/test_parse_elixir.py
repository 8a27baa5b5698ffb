"""Elixir: exceptions and exits in logs, requests, tests and shells."""

from __future__ import annotations

from functools import partial

import pytest
from growth import assert_linear
from reading import blamed, names, only_report

from graph.parsing.erlang.elixir import ElixirParser
from graph.parsing.erlang.elixir_frames import function_name
from graph.parsing.read import read

only = partial(only_report, "elixir")


def test_a_terminating_process_with_its_state() -> None:
    text = (
        '2026-03-05 10:15:22.555 [error] GenServer {Tide.Registry, "shore"} terminating\n'
        "** (FunctionClauseError) no function clause matching in Tide.Shore.rise/2\n"
        '    (tide 0.1.0) lib/tide/shore.ex:31: Tide.Shore.rise(nil, %{by: 3, at: "a, b"})\n'
        '    (elixir 1.15.7) lib/enum.ex:2510: Enum."-reduce/3-lists^foldl/2-0-"/3\n'
        "    (tide 0.1.0) lib/tide/shore.ex:12: anonymous fn/3 in Tide.Shore.handle_cast/2\n"
        "    (stdlib 5.1.1) gen_server.erl:1103: :gen_server.try_handle_cast/3\n"
        "    (stdlib 5.1.1) proc_lib.erl:241: :proc_lib.init_p_do_apply/3\n"
        'Last message: {:"$gen_cast", {:rise, %{password: "x"}}}\n'
        "State: %Tide.State{\n  shore: nil,\n  tides: []\n}\n"
        "2026-03-05 10:15:22.600 [info] Access TideWeb.Endpoint at http://localhost:4000\n"
    )  # fmt: skip
    report = only(text)
    assert (report.error_type, report.message) == ("FunctionClauseError", "no function clause matching in Tide.Shore.rise/2")
    assert names(report) == [
        "Tide.Shore.rise/2",
        "Enum.reduce/3",
        "Tide.Shore.handle_cast/2",
        ":gen_server.try_handle_cast/3",
        ":proc_lib.init_p_do_apply/3",
    ]
    assert [frame.in_app for frame in report.frames] == [True, False, True, False, False]
    assert (report.frames[0].file, report.frames[0].line) == ("lib/tide/shore.ex", 31)
    assert report.extra["process"] == 'GenServer {Tide.Registry, "shore"}'
    assert text[report.span[0] : report.span[1]].endswith("  tides: []\n}\n")


def test_a_failed_request_of_plug_is_its_exception() -> None:
    report = only(
        "10:15:22.555 request_id=F1 [error] #PID<0.600.0> running TideWeb.Endpoint (connection #PID<0.599.0>, stream id 1) "
        "terminated\nServer: localhost:4000 (http)\nRequest: GET /shores/7?token=abc\n"
        "** (exit) an exception was raised:\n"
        "    ** (Ecto.NoResultsError) expected at least one result but got none in query:\n"
        "\nfrom s0 in Tide.Shore,\n  where: s0.id == ^7\n\n"
        "        (ecto 3.11.1) lib/ecto/repo/queryable.ex:166: Ecto.Repo.Queryable.one!/3\n"
        "        (tide 0.1.0) lib/tide_web/controllers/shore_controller.ex:21: TideWeb.ShoreController.show/2\n"
        "        (tide 0.1.0) lib/tide_web/controllers/shore_controller.ex:1: TideWeb.ShoreController.action/2\n"
        "        (phoenix 1.7.10) lib/phoenix/router.ex:432: Phoenix.Router.__call__/5\n"
        '        (tide 0.1.0) lib/tide_web/endpoint.ex:1: TideWeb.Endpoint."call (overridable 3)"/2\n'
    )
    assert report.error_type == "Ecto.NoResultsError"
    assert report.message.startswith("expected at least one result but got none in query:")
    assert blamed(report) == "TideWeb.ShoreController.show/2"
    assert report.frame_count == 5


def test_an_exit_keeps_the_exception_behind_it_as_cause() -> None:
    report = only(
        "** (exit) exited in: GenServer.call(Tide.Shore, :rise, 5000)\n"
        "    ** (EXIT) an exception was raised:\n"
        "        ** (ArithmeticError) bad argument in arithmetic expression\n"
        "            (tide 0.1.0) lib/tide/shore.ex:8: Tide.Shore.handle_call/3\n"
        "            (stdlib 5.1) gen_server.erl:1113: :gen_server.try_handle_call/4\n"
        "    (elixir 1.15.0) lib/gen_server.ex:1074: GenServer.call/3\n"
        "    (tide 0.1.0) lib/tide/cli.ex:3: Tide.CLI.main/1\n"
    )
    assert (report.error_type, report.message) == ("exit", "exited in: GenServer.call(Tide.Shore, :rise, 5000)")
    [cause] = report.causes
    assert (cause.error_type, cause.frames[0].qualified) == ("ArithmeticError", "Tide.Shore.handle_call/3")
    timeout = only(
        "** (exit) exited in: GenServer.call(Tide.Shore, :rise, 5000)\n    ** (EXIT) time out\n"
        "    (elixir 1.15.0) lib/gen_server.ex:1074: GenServer.call/3\n    lib/tide/cli.ex:3: Tide.CLI.main/1\n"
    )
    assert [(cause.error_type, cause.message) for cause in timeout.causes] == [("EXIT", "time out")]
    assert blamed(timeout) == "Tide.CLI.main/1"


def test_exits_of_linked_processes_and_wrappers_are_their_exception() -> None:
    linked = only(
        "** (EXIT from #PID<0.95.0>) an exception was raised:\n"
        "    ** (RuntimeError) ebb\n        (tide 0.1.0) lib/tide/shore.ex:8: Tide.Shore.init/1\n"
    )
    assert (linked.error_type, linked.message, blamed(linked)) == ("RuntimeError", "ebb", "Tide.Shore.init/1")
    wrapped = only("** (Plug.Conn.WrapperError) ** (ArgumentError) no tide\n    lib/tide/shore.ex:8: Tide.Shore.rise/1\n")
    assert (wrapped.error_type, wrapped.message) == ("ArgumentError", "no tide")


def test_a_function_clause_error_with_its_clauses() -> None:
    report = only(
        "** (FunctionClauseError) no function clause matching in String.trim/1    \n    \n"
        "    The following arguments were given to String.trim/1:\n    \n        # 1\n        nil\n    \n"
        "    Attempted function clauses (showing 1 out of 1):\n    \n        def trim(string) when is_binary(string)\n    \n"
        "    (elixir 1.14.0) lib/string.ex:1240: String.trim/1\n    iex:3: (file)\n    lib/tide.ex:4: Tide.name/1\n"
    )
    assert report.message == "no function clause matching in String.trim/1"
    assert names(report) == ["String.trim/1", "(file)", "Tide.name/1"]
    assert blamed(report) == "Tide.name/1"


def test_failures_of_tests() -> None:
    reports = read(
        "\n  1) test rises (TideTest)\n     test/tide_test.exs:12\n     ** (KeyError) key :egg not found in: %{}\n"
        "     code: assert Tide.rise(1)\n     stacktrace:\n       (tide 0.1.0) lib/tide.ex:31: Tide.rise/1\n"
        "       test/tide_test.exs:14: (test)\n\n"
        "  2) test falls (TideTest)\n     test/tide_test.exs:20\n     Assertion with == failed\n"
        "     code:  assert Tide.count() == 3\n     left:  2\n     right: 3\n     stacktrace:\n"
        "       test/tide_test.exs:22: (test)\n\n\n"
        "Finished in 0.05 seconds\n2 tests, 2 failures\n"
    ).reports
    assert [(report.format, report.error_type) for report in reports] == [
        ("elixir", "KeyError"),
        ("elixir", "ExUnit.AssertionError"),
    ]
    assert blamed(reports[0]) == "Tide.rise/1"
    assert (reports[1].message, names(reports[1])) == ("Assertion with == failed", ["(test)"])


def test_errors_without_a_stack() -> None:
    report = only("== Compilation error in file lib/tide.ex ==\n** (CompileError) lib/tide.ex:31: undefined function foo/0\n")
    assert (report.error_type, report.message) == ("CompileError", "lib/tide.ex:31: undefined function foo/0")
    assert only("** (Mix) Could not start application tide: exited\n").error_type == "Mix"
    assert not read("** (Note) nothing failed\n").reports


def test_a_multi_line_message() -> None:
    report = only(
        '** (Postgrex.Error) ERROR 23505 (unique_violation) duplicate key value violates unique constraint "shore_pkey"\n\n'
        "    table: shores\n    constraint: shore_pkey\n\n"
        "Key (id)=(7) already exists.\n"
        "    (ecto_sql 3.11.0) lib/ecto/adapters/sql.ex:1054: Ecto.Adapters.SQL.raise_sql_call_error/1\n"
        "    (tide 0.1.0) lib/tide/shore.ex:9: Tide.Shore.save/1\n"
    )
    assert report.message.endswith('unique constraint "shore_pkey"')
    assert blamed(report) == "Tide.Shore.save/1"


def test_two_errors_of_one_log_with_a_prefix_on_every_line() -> None:
    prefix = "tide-7d4 | "
    text = (
        "** (RuntimeError) ebb\n    (tide 0.1.0) lib/tide.ex:3: Tide.rise/1\n"
        "** (RuntimeError) flow\n    (tide 0.1.0) lib/tide.ex:9: Tide.fall/1\n"
    )
    reports = read("".join(prefix + line for line in text.splitlines(keepends=True))).reports
    assert [(report.message, blamed(report)) for report in reports] == [("ebb", "Tide.rise/1"), ("flow", "Tide.fall/1")]


@pytest.mark.parametrize(
    ("what", "name"),
    [
        ("Tide.rise/1", ("Tide", "rise/1")),
        ("Tide.Shore.rise!/1", ("Tide.Shore", "rise!/1")),
        (":lists.foreach/2", (":lists", "foreach/2")),
        (':"my-mod".run/2', (':"my-mod"', "run/2")),
        ("Tide.rise(nil, [1, 2], {:a, 1})", ("Tide", "rise/3")),
        ("Tide.rise()", ("Tide", "rise/0")),
        ("anonymous fn/1 in anonymous fn/2 in Tide.rise/1", ("Tide", "rise/1")),
        ('Enum."-map/2-lists^map/1-1-"/2', ("Enum", "map/2")),
        ("Tide.+/2", ("Tide", "+/2")),
        ("some words", None),
    ],
)
def test_names_of_functions(what: str, name: tuple[str, str] | None) -> None:
    assert function_name(what) == name


@pytest.mark.parametrize(
    "unit",
    [
        "** (RuntimeError) ebb\n    lib/tide.ex:3: Tide.rise/1\n",
        "** (exit) exited in: x\n    ** (EXIT) a\n",
        "** (RuntimeError) ebb\n",
        "** (RuntimeError) ",
        "    lib/tide.ex:3: Tide.rise(" + "[{" * 30,
        "     Assertion failed\n     stacktrace:\n",
        "anonymous fn/1 in ",
    ],
)
def test_time_grows_linearly(unit: str) -> None:
    assert_linear(lambda text: list(ElixirParser().parse(text)), lambda count: "** (KeyError) x\n" + unit * count, 4_000)


def test_the_exception_behind_an_exit_is_the_fault() -> None:
    report = only(
        "** (exit) exited in: GenServer.call(Tide.Shore, :rise, 5000)\n"
        "    ** (EXIT) an exception was raised:\n"
        "        ** (ArithmeticError) bad argument in arithmetic expression\n"
        "            (tide 0.1.0) lib/tide/shore.ex:8: Tide.Shore.handle_call/3\n"
        "    (elixir 1.15.0) lib/gen_server.ex:1074: GenServer.call/3\n"
        "    (tide 0.1.0) lib/tide/cli.ex:3: Tide.CLI.main/1\n"
    )
    assert report.fault.error_type == "ArithmeticError"
    assert report.fault.culprit is not None
    assert report.fault.culprit.qualified == "Tide.Shore.handle_call/3"
