"""Layouts of loggers, servers and supervisors around an error, which must not cut it up or enter its message."""

from __future__ import annotations

import pytest

from graph.fingerprint.compute import fingerprint
from graph.model.report import ParsedReport
from graph.parsing.read import read

TRACEBACK = 'Traceback (most recent call last):\n  File "/srv/tarn/till.py", line 12, in ring\n    count()\n'


def only(text: str) -> ParsedReport:
    [report] = read(text).reports
    return report


def culprit(report: ParsedReport) -> str:
    assert report.culprit
    return report.culprit.qualified


@pytest.mark.parametrize(
    "note",
    [
        "worker-1 exited with code 1",
        "web.1 exited with code 3",
        "error: script failed with exit code 1",
        "Press any key to continue . . .",
        "real\t0m0.312s",
        "[nodemon] app crashed - waiting for file changes before starting...",
        "Build step 'Execute shell' marked build as failure",
        "Finished: FAILURE",
        "[Pipeline] }",
        'The command "make check" exited with 1.',
        "section_end:1772705722:step_script",
        "Post job cleanup.",
        "%",
    ],
)
def test_a_message_ends_where_a_supervisor_notes_the_end_of_the_process(note: str) -> None:
    assert only(f"{TRACEBACK}ValueError: no plum left\n{note}\n").message == "no plum left"


def test_an_exception_without_a_message_has_no_further_lines() -> None:
    report = only(f"{TRACEBACK}_queue.Empty\n3 of 4 done\n")
    assert (report.error_type, report.message) == ("_queue.Empty", "")


def test_fields_that_a_database_prints_below_its_frames_do_not_end_the_error() -> None:
    report = only(
        "Orm.UpdateException: An error occurred while saving. See the inner exception for details.\n"
        ' ---> Npgsql.PostgresException (0x80004005): 23505: duplicate key value violates "ix_seat"\n'
        "\n"
        "DETAIL: Detail redacted as it may contain sensitive data.\n"
        "   at Npgsql.NpgsqlDataReader.NextResult(Boolean async)\n"
        "  Exception data:\n"
        "    Severity: ERROR\n"
        "    SqlState: 23505\n"
        "   --- End of inner exception stack trace ---\n"
        "   at Tarn.Hall.Book(Int32 n) in /src/Hall.cs:line 70\n"
    )
    assert (report.error_type, report.frame_count, culprit(report)) == ("Orm.UpdateException", 1, "Tarn.Hall.Book")


def test_an_early_node_names_the_rejection_before_its_error() -> None:
    report = only("(node:41) UnhandledPromiseRejectionWarning: Unhandled promise rejection (rejection id: 3): Error: no seat\n")
    assert (report.error_type, report.message) == ("Error", "no seat")


RAILS = (
    "ActionView::Template::Error (undefined method `rate' for nil:NilClass):",
    "    1: <td><%= seat.rate %></td>",
    "    2: </tr>",
    "  ",
    "app/models/seat.rb:9:in `rate_of'",
    "app/controllers/halls_controller.rb:12:in `show'",
)


@pytest.mark.parametrize(
    "prefix", ["F, [2026-02-11T08:01:02.345678 #71] FATAL -- : ", "E, [2026-02-11T08:01:02.3 #71] ERROR -- tarn: "]
)
def test_the_prefix_of_rubys_logger_is_no_part_of_the_error(prefix: str) -> None:
    plain, logged = (only("".join(f"{start}{line}\n" for line in RAILS)) for start in ("", prefix))
    assert logged.message == "undefined method `rate' for nil:NilClass"
    assert fingerprint(logged).exact == fingerprint(plain).exact


def test_frames_logged_as_one_text_have_the_prefix_before_the_first_only() -> None:
    prefix = "2026-02-11T08:01:02.346Z pid=71 tid=oa1 class=BillJob jid=9f0b WARN: "
    report = only(
        f'{prefix}KeyError: key not found: "eur"\n'
        f"{prefix}/srv/tarn/app/jobs/bill_job.rb:9:in `fetch'\n"
        "/srv/tarn/app/jobs/bill_job.rb:5:in `perform'\n"
        "/srv/tarn/vendor/bundle/ruby/3.1.0/gems/sidekiq-6.5.1/lib/sidekiq/processor.rb:202:in `execute_job'\n"
    )
    assert (report.error_type, report.frame_count, culprit(report)) == ("KeyError", 3, "jobs/bill_job.fetch")


def test_the_number_of_an_evaluated_groovy_script_does_not_split_a_bug() -> None:
    text = (
        "java.lang.IllegalStateException: shut\n"
        "\tat com.tarn.script.Script{0}.run(Script{0}.groovy:3)\n"
        "\tat com.tarn.Main.main(Main.java:3)\n"
    )
    assert fingerprint(only(text.format(3))).exact == fingerprint(only(text.format(41))).exact


def test_places_of_rust_frames_may_have_lost_their_indentation() -> None:
    report = only(
        "thread 'main' panicked at src/hall.rs:3:9:\nbad seat\nstack backtrace:\n"
        "0: rust_begin_unwind\nat /rustc/abc/library/std/src/panicking.rs:645:5\n"
        "1: core::panicking::panic_fmt\nat /rustc/abc/library/core/src/panicking.rs:72:14\n"
        "2: tarn::hall::open\nat ./src/hall.rs:3:9\n"
    )
    assert (report.message, report.frame_count, culprit(report)) == ("bad seat", 3, "tarn::hall::open")


def test_frames_of_elixir_may_have_lost_their_indentation() -> None:
    report = only(
        "** (RuntimeError) bad seat\n"
        "(tarn 0.1.0) lib/tarn/hall.ex:3: Tarn.Hall.open/1\n"
        "(tarn 0.1.0) lib/tarn/main.ex:9: Tarn.Main.run/0\n"
    )
    assert (report.message, report.frame_count, culprit(report)) == ("bad seat", 2, "Tarn.Hall.open/1")


def test_the_heading_between_a_message_and_its_frames_is_no_part_of_the_message() -> None:
    report = only(
        "  Failed Tarn.Tests.HallTests.Opens [12 ms]\n"
        "  Error Message:\n"
        "   System.InvalidOperationException : shut\n"
        "  Stack Trace:\n"
        "     at Tarn.Hall.Open() in /src/Hall.cs:line 9\n"
        "   at Tarn.Tests.HallTests.Opens() in /src/HallTests.cs:line 20\n"
    )
    assert (report.error_type, report.message, report.frame_count) == ("System.InvalidOperationException", "shut", 2)
