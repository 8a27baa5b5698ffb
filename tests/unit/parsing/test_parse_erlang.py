"""Erlang: reports of OTP, exceptions of shells and scripts, terms with a stack, records of loggers."""

from __future__ import annotations

from functools import partial

import pytest
from growth import assert_linear
from reading import blamed, names, only_report

from graph.parsing.erlang.erlang import ErlangParser
from graph.parsing.erlang.terms import read_term, stack_in
from graph.parsing.read import read

only = partial(only_report, "erlang")


ERROR = """\
=ERROR REPORT==== 5-Mar-2026::10:15:22 ===
** Generic server tide_srv terminating
** Last message in was {rise,7}
** When Server state == {state,[],undefined}
** Reason for termination ==
** {{badmatch,undefined},
    [{tide_srv,rise,2,[{file,"src/tide_srv.erl"},{line,31}]},
     {tide_srv,handle_call,3,[{file,"src/tide_srv.erl"},{line,20}]},
     {gen_server,try_handle_call,4,[{file,"gen_server.erl"},{line,721}]},
     {proc_lib,init_p_do_apply,3,[{file,"proc_lib.erl"},{line,249}]}]}

"""
CRASH = """\
=CRASH REPORT==== 5-Mar-2026::10:15:22 ===
  crasher:
    initial call: tide_srv:init/1
    pid: <0.85.0>
    registered_name: tide_srv
    exception error: no match of right hand side value undefined
      in function  tide_srv:rise/2 (src/tide_srv.erl, line 31)
      in call from tide_srv:handle_call/3 (src/tide_srv.erl, line 20)
      in call from gen_server:try_handle_call/4 (gen_server.erl, line 721)
    ancestors: [tide_sup,<0.80.0>]
    message_queue_len: 0
    messages: []

"""
SUPERVISOR = """\
=SUPERVISOR REPORT==== 5-Mar-2026::10:15:22 ===
     Supervisor: {local,tide_sup}
     Context:    child_terminated
     Reason:     {{badmatch,undefined},
                  [{tide_srv,rise,2,[{file,"src/tide_srv.erl"},{line,31}]}]}
     Offender:   [{pid,<0.85.0>},{id,tide_srv}]

"""


def test_the_three_reports_of_one_crash_are_one() -> None:
    report = only(ERROR + CRASH + SUPERVISOR)
    assert (report.error_type, report.message) == ("badmatch", "{badmatch,undefined}")
    assert names(report) == [
        "tide_srv:rise/2",
        "tide_srv:handle_call/3",
        "gen_server:try_handle_call/4",
        "proc_lib:init_p_do_apply/3",
    ]
    assert [frame.in_app for frame in report.frames] == [True, True, False, False]
    assert (blamed(report), report.frames[0].file, report.frames[0].line) == ("tide_srv:rise/2", "src/tide_srv.erl", 31)
    assert report.extra["process"] == "tide_srv"


def test_a_crash_report_alone() -> None:
    report = only(CRASH)
    assert (report.error_type, report.message) == ("badmatch", "no match of right hand side value undefined")
    assert names(report)[:2] == ["tide_srv:rise/2", "tide_srv:handle_call/3"]
    assert report.span == (0, len(CRASH) - 1)


def test_different_crashes_stay_apart() -> None:
    reports = read(CRASH + CRASH.replace("rise/2", "fall/1").replace("line 31", "line 90")).reports
    assert [blamed(report) for report in reports] == ["tide_srv:rise/2", "tide_srv:fall/1"]


def test_exceptions_of_shells_and_scripts() -> None:
    shell = only(
        "1> tide:rise(2).\n** exception error: no function clause matching tide:rise(2) (tide.erl, line 3)\n"
        "     in function  tide:flow/1 (tide.erl, line 9)\n2> \n"
    )
    assert (shell.error_type, shell.message) == ("function_clause", "no function clause matching")
    assert (names(shell), shell.frames[0].line) == (["tide:rise/1", "tide:flow/1"], 3)
    script = only(
        "escript: exception error: undefined function tide:ebb/0\n  in function  erl_eval:do_apply/6 (erl_eval.erl, line 680)\n"
        "  in call from tide:main/1 (tide.erl, line 3)\n  in call from escript:run/2 (escript.erl, line 750)\n"
    )
    assert (script.error_type, blamed(script)) == ("undef", "tide:main/1")
    value = only("** exception error: bad argument\n     in function  ets:lookup/2\n        called as ets:lookup(tides,7)\n"
                 "        *** argument 1: the table identifier does not refer to an existing ETS table\n"
                 "     in call from tide:rise/1 (tide.erl, line 3)\n")  # fmt: skip
    assert value.error_type == "badarg"
    thrown = only("** exception throw: {no_tide,7}\n     in function  tide:rise/1 (tide.erl, line 4)\n")
    assert (thrown.error_type, thrown.message) == ("no_tide", "{no_tide,7}")


def test_a_process_without_a_name() -> None:
    report = only(
        "Error in process <0.31.0> on node 'tide@host' with exit value:\n"
        "{undef,[{tide,ebb,[1,{a,\"b, c\"}],[]},{tide,'-flow/1-fun-0-',2,[{file,\"tide.erl\"},{line,9}]}]}\n"
    )  # fmt: skip
    assert (report.error_type, names(report)) == ("undef", ["tide:ebb/2", "tide:flow/1"])


def test_records_of_lager_and_its_successors() -> None:
    report = only(
        "2026-03-05 10:15:22.555 [error] <0.85.0> gen_server tide_srv terminated with reason: no match of right "
        "hand value undefined in tide_srv:rise/2 line 31\n"
        "2026-03-05 10:15:22.556 [error] <0.85.0> CRASH REPORT Process tide_srv with 0 neighbours crashed with reason: no "
        "match of right hand value undefined in tide_srv:rise/2 line 31\n"
        "2026-03-05 10:15:22.557 [error] <0.80.0> Supervisor tide_sup had child tide_srv started with tide_srv:start_link() at "
        "<0.85.0> exit with reason no match of right hand value undefined in tide_srv:rise/2 line 31 in context "
        "child_terminated\n"
    )
    assert (report.error_type, names(report)) == ("badmatch", ["tide_srv:rise/2"])
    assert report.message == "no match of right hand value undefined"
    longer = only(
        "[error] 2026-03-05T10:15:22.144853Z nonode@nohost <0.85.0> -------- gen_server tide_srv terminated with reason: "
        "bad argument at ets:lookup/2 <= tide_srv:rise/2(line:31) <= gen_server:try_handle_call/4(line:721)\n"
    )
    assert longer.error_type == "badarg"
    term = only(
        "2026-03-05 10:15:22.555 [error] <0.85.0> CRASH REPORT Process <0.85.0> with 0 neighbours exited with reason: "
        '{{badkey,egg},[{tide_srv,rise,2,[{file,"src/tide_srv.erl"},{line,31}]}]} in gen_server:terminate/6 line 744\n'
    )
    assert (term.error_type, blamed(term)) == ("badkey", "tide_srv:rise/2")


def test_a_logger_that_repeats_its_prefix() -> None:
    prefix = "2026-03-05 10:15:22.14485{}+01:00 [error] <0.85.0> "
    report = only("".join(prefix.format(i % 10) + line for i, line in enumerate(CRASH.splitlines(keepends=True)[1:9])))
    assert (report.error_type, names(report)[:1], report.frame_count) == ("badmatch", ["tide_srv:rise/2"], 3)


def test_a_system_that_does_not_start() -> None:
    report = only(
        '{"init terminating in do_boot",{{badmatch,{error,enoent}},'
        '[{tide_app,start,2,[{file,"src/tide_app.erl"},{line,12}]},'
        "{init,start_em,1,[]},{init,do_boot,3,[]}]}}\ninit terminating in do_boot ()\n\nCrash dump is being written\n"
    )
    assert (report.error_type, blamed(report)) == ("badmatch", "tide_app:start/2")


def test_modules_of_elixir_and_nested_reasons() -> None:
    report = only(
        "=SUPERVISOR REPORT==== 5-Mar-2026::10:15:22.555 ===\n     supervisor: {local,'Elixir.Tide.Supervisor'}\n"
        "     errorContext: start_error\n     reason: {shutdown,{failed_to_start_child,'Elixir.Tide',{'EXIT',{undef,"
        "[{'Elixir.Tide',ebb,[],[]},{'Elixir.Tide',init,1,[{file,\"lib/tide.ex\"},{line,8}]}]}}}}\n"
    )
    assert (report.error_type, names(report)) == ("undef", ["Tide.ebb/0", "Tide.init/1"])


def test_a_term_that_is_cut_off() -> None:
    report = only(
        '=ERROR REPORT==== x ===\n** Reason for termination ==\n** {badarg,[{tide,rise,1,[{file,"tide.erl"},{line,3}]},{gen_ser'
    )
    assert names(report) == ["tide:rise/1"]


def test_an_ordinary_end_is_no_error() -> None:
    assert not read("2026-03-05 10:15:22.555 [info] <0.85.0> process <0.9.0> exited with reason: shutdown\n").reports


def test_terms() -> None:
    source = '{a,"x, {",\'b}\',#{k => [1]},<<"q">>} rest'
    assert read_term(source, 0).text(source) == source.removesuffix(" rest")
    assert stack_in(source, read_term(source, 0)) == (None, ())


@pytest.mark.parametrize(
    "unit",
    [
        "exception error: x\n  in function  a:b/1 (c, line 3)\n",
        "exception error: {",
        '{a,[{b,c,1,[{file,"d"},{line,3}]},',
        '[{file,"',
        "with reason: {",
        "with reason: a in b:c/1 line 3\n",
        "Reason for termination ==\n** {{",
        "{a," * 10,
        "reason: {\n",
    ],
)  # fmt: skip
def test_time_grows_linearly(unit: str) -> None:
    assert_linear(lambda text: list(ErlangParser().parse(text)), lambda count: unit * count, 4_000)


def test_a_failed_test() -> None:
    report = only(
        "tide_tests: rise_test...*failed*\nin function tide:rise/2 (src/tide.erl, line 31)\n"
        'in call from tide_tests:rise_test/0 (test/tide_tests.erl, line 9)\n**error:{badmatch,undefined}\n  output:<<"">>\n'
    )  # fmt: skip
    assert (report.error_type, report.message, blamed(report)) == ("badmatch", "{badmatch,undefined}", "tide:rise/2")


def test_a_stack_apart_from_its_reason() -> None:
    machine = only(
        "=ERROR REPORT==== 5-Mar-2026::10:15:22.144853 ===\n** State machine tide terminating\n** Last event = {cast,go}\n"
        "** Reason for termination = error:function_clause\n** Callback modules = [tide]\n** Stacktrace =\n"
        '**  [{tide,idle,[cast,go],[{file,"src/tide.erl"},{line,31}]},\n'
        '     {gen_statem,loop_state_callback,11,[{file,"gen_statem.erl"},{line,1204}]}]\n'
    )
    assert (machine.error_type, names(machine)) == ("function_clause", ["tide:idle/2", "gen_statem:loop_state_callback/11"])
    handler = only(
        "Ranch listener http, connection process <0.300.0>, stream 1 had its request process <0.301.0> exit with reason badarg "
        'and stacktrace [{erlang,binary_to_integer,[<<"x">>],[]},{tide,init,2,[{file,"src/tide.erl"},{line,31}]}]\n'
    )
    assert (handler.error_type, blamed(handler)) == ("badarg", "tide:init/2")
