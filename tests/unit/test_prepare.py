"""Identity and redaction of crashes, environments, and unparsed reports."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from graph.ingest.prepare import CrashBuilder, PreparedCrash
from graph.ingest.process import REPORT_LIMIT
from graph.redaction.redactor import Redactor
from graph.sources.submission import Submission
from graph.sources.surrogates import wellformed

NOW = datetime(2026, 1, 2, tzinfo=UTC)
TRACEBACK = """Traceback (most recent call last):
  File "/srv/shop/orders.py", line 12, in load
    lines = order["lines"]
KeyError: 'lines'
"""
TIMED = Submission(report=TRACEBACK, timestamp=NOW, file_hash="a" * 64)


@pytest.fixture
def preparer() -> CrashBuilder:
    return CrashBuilder(Redactor(b"0123456789abcdef0123456789abcdef"))


def only(preparer: CrashBuilder, submission: Submission) -> PreparedCrash:
    (item,) = preparer.prepare(submission, NOW)
    return item


@pytest.mark.parametrize("year", [1970, 1989, 2027, 2999])
def test_a_time_that_cannot_be_is_kept_as_stated_and_not_believed(preparer: CrashBuilder, year: int) -> None:
    item = only(preparer, replace(TIMED, timestamp=NOW.replace(year=year)))
    assert (item.crash.occurred_at, item.seen_at) == (None, NOW)
    assert item.crash.facts == (f"stated_time={year}-01-02T00:00:00+00:00",)
    assert item.crash.crash_id != only(preparer, TIMED).crash.crash_id


def test_a_time_within_the_error_of_a_clock_is_believed(preparer: CrashBuilder) -> None:
    for stated in (NOW + timedelta(hours=23), NOW.replace(year=1990)):
        item = only(preparer, replace(TIMED, timestamp=stated))
        assert (item.crash.occurred_at, item.crash.facts) == (stated, None)


def test_a_timed_report_is_identified_by_its_content_in_any_file(preparer: CrashBuilder) -> None:
    moved = replace(TIMED, file_hash="b" * 64, ordinal=7, file_name="other.txt")
    assert only(preparer, TIMED).crash.crash_id == only(preparer, moved).crash.crash_id


@pytest.mark.parametrize("change", [{"timestamp": NOW.replace(hour=3)}, {"site": "s2"}, {"user": "u2"}, {"id": "7"}])
def test_values_stated_by_the_sender_make_another_crash(preparer: CrashBuilder, change: dict[str, object]) -> None:
    other = replace(TIMED, **change)  # type: ignore[arg-type]  # any field, by name
    assert only(preparer, TIMED).crash.crash_id != only(preparer, other).crash.crash_id


def test_an_untimed_report_is_identified_by_its_file_and_position(preparer: CrashBuilder) -> None:
    untimed = replace(TIMED, timestamp=None)
    assert only(preparer, untimed).crash.crash_id == only(preparer, untimed).crash.crash_id
    assert only(preparer, untimed).crash.crash_id != only(preparer, replace(untimed, ordinal=1)).crash.crash_id
    assert only(preparer, untimed).crash.crash_id != only(preparer, replace(untimed, file_hash="b" * 64)).crash.crash_id


def test_each_submission_of_an_untimed_report_is_a_crash(preparer: CrashBuilder) -> None:
    sent = Submission(report=TRACEBACK)
    assert only(preparer, sent).crash.crash_id != only(preparer, sent).crash.crash_id


def test_two_reports_in_one_text_are_two_crashes(preparer: CrashBuilder) -> None:
    two = preparer.prepare(replace(TIMED, report=TRACEBACK + "\nlater\n" + TRACEBACK), NOW)
    assert len(two) == 2
    assert two[0].crash.crash_id != two[1].crash.crash_id
    assert "later" not in two[0].crash.report


@pytest.mark.parametrize("text", ["", "   \n", "all is well", "\x00\x01\x02"])
def test_an_unparsed_report_is_kept_with_the_reason(preparer: CrashBuilder, text: str) -> None:
    item = only(preparer, Submission(report=text, file_hash="a" * 64))
    assert item.crash.status == "unparsed"
    assert item.crash.reason
    assert item.crash.report == text
    assert item.fingerprint is None


def test_an_unreadable_line_is_kept(preparer: CrashBuilder) -> None:
    item = only(preparer, Submission(report='{"x"', error="line 3: not JSON"))
    assert (item.crash.status, item.crash.reason, item.crash.report) == ("unparsed", "line 3: not JSON", '{"x"')


def test_nothing_secret_is_prepared_for_storage(preparer: CrashBuilder) -> None:
    secret, mail = "hunter2hunter2", "jo.doe@example.org"
    text = TRACEBACK.replace("KeyError: 'lines'", f"ConnectionError: postgresql://app:{secret}@db/x for {mail}")
    submission = replace(TIMED, report=text, environment={"database": f"password={secret}"})
    item = only(preparer, submission)
    stored = repr((item.crash, item.environment, item.fingerprint))
    assert secret not in stored
    assert mail not in stored


def test_a_huge_report_keeps_its_ends(preparer: CrashBuilder) -> None:
    text = "first line\n" + "x" * (REPORT_LIMIT * 2) + "\nlast line"
    report = only(preparer, Submission(report=text, file_hash="a" * 64)).crash.report
    assert report.startswith("first line")
    assert report.endswith("last line")
    assert len(report) < REPORT_LIMIT + 200


def test_values_stated_by_the_sender_override_those_of_the_report(preparer: CrashBuilder) -> None:
    item = only(preparer, replace(TIMED, product="shop", version="1.2", site="north", severity="critical"))
    assert (item.crash.product, item.crash.version, item.crash.site, item.crash.severity) == (
        "shop",
        "1.2",
        "north",
        "critical",
    )
    assert item.environment is not None
    assert item.environment.title == "shop 1.2 at north"


def test_equal_environments_have_one_id(preparer: CrashBuilder) -> None:
    one = only(preparer, replace(TIMED, site="a", environment={"os": "Linux", "runtime": "Python 3.11"}))
    two = only(preparer, replace(TIMED, site="a", environment={"runtime": "Python 3.11", "os": "Linux"}))
    assert one.environment == two.environment


HOTSPOT = """#
# A fatal error has been detected by the Java Runtime Environment:
#
#  SIGSEGV (0xb) at pc=0x00007f51a5ad27f4, pid=13877, tid=13878
#
# JRE version: OpenJDK Runtime Environment (17.0.15+6) (build 17.0.15+6-Debian-1deb12u1)
# Java VM: OpenJDK 64-Bit Server VM (17.0.15+6-Debian-1deb12u1, mixed mode, sharing, tiered, g1 gc, linux-amd64)
# Problematic frame:
# V  [libjvm.so+0xed27f4]  Unsafe_PutInt+0x124
#

---------------  S U M M A R Y ------------

Command Line: -Xmx20m -Djob.id=1 Main crash

Host: AMD EPYC, 2 cores, 23G, Debian GNU/Linux 12 (bookworm)
Time: Sat Nov 21 10:55:05 2026 UTC elapsed time: 0.037228 seconds (0d 0h 0m 0s)

END.
"""


def test_a_property_of_one_run_makes_no_environment_of_its_own(preparer: CrashBuilder) -> None:
    one = only(preparer, Submission(report=HOTSPOT))
    two = only(preparer, Submission(report=HOTSPOT.replace("-Djob.id=1", "-Djob.id=2")))
    assert one.environment is not None
    assert one.environment == two.environment
    assert "command_line=-Xmx20m -Djob.id=1 Main crash" in "\n".join(one.crash.facts or ())
    assert "-Djob.id=2" in "\n".join(two.crash.facts or ())


def test_facts_of_the_sender_that_identify_nothing_are_kept_redacted(preparer: CrashBuilder) -> None:
    facts = {"os": "Linux", "job": "17", "note": "mail ann@example.com", "password": "hunter2xyz"}
    parsed = only(preparer, replace(TIMED, environment=facts))
    unparsed = only(preparer, Submission(report="all is well", environment=facts))
    plain = only(preparer, replace(TIMED, environment={"os": "Linux"}))
    assert parsed.environment == unparsed.environment == plain.environment
    assert plain.crash.facts is None
    for item in (parsed, unparsed):
        text = "\n".join(item.crash.facts or ())
        assert text.startswith("job=17\nnote=mail <email:")
        assert "password=<secret:" in text
        assert not {"ann@example.com", "hunter2xyz"} & set(text.replace("=", " ").split())


def test_an_unknown_severity_word_loses_nothing(preparer: CrashBuilder) -> None:
    item = only(preparer, replace(TIMED, severity="apocalyptic"))
    assert item.crash.status == "unparsed"
    assert "apocalyptic" in (item.crash.reason or "")
    assert item.crash.report == TRACEBACK


def test_the_options_of_a_command_do_not_make_another_crash(preparer: CrashBuilder) -> None:
    untimed = replace(TIMED, timestamp=None)
    assert only(preparer, untimed).crash.crash_id == only(preparer, replace(untimed, site="north")).crash.crash_id
    dump = (
        "==2024/4/2==16:10:30==BEGIN RUNTIME DIAGNOSTIC DUMP\n\nSystem Error Report\nTimeZone offset=7200\n\n"
        "Cause of Dump: Unhandled exception: Message not understood: #size\n\n"
        "------------------------------------------------------------\nActive Process\nContext stack\n"
        "[1] \tUndefinedObject(Object)>>doesNotUnderstand:\n[2] \tShop.Cart>>total\n"
        "==2024/4/2==16:10:31==END RUNTIME DIAGNOSTIC DUMP\n"
    )
    timed = Submission(report=dump, file_hash="a" * 64)
    elsewhere = Submission(report=dump, file_hash="b" * 64, site="north")
    assert only(preparer, timed).crash.status == "matched"
    assert only(preparer, timed).crash.crash_id == only(preparer, elsewhere).crash.crash_id


def test_a_lone_surrogate_is_stored_as_a_replacement_character(preparer: CrashBuilder) -> None:
    item = only(preparer, replace(TIMED, report=TRACEBACK.replace("lines", "li\udcffnes"), site="s\ud800"))
    assert item.crash.status == "matched"
    assert "li\ufffdnes" in item.crash.report
    assert item.crash.site == "s\ufffd"
    assert item.fingerprint is not None
    assert "\udcff" not in item.fingerprint.cause


def test_a_lone_surrogate_escaped_in_json_is_replaced(preparer: CrashBuilder) -> None:
    line = '{"level": "error", "exception": {"type": "KeyError", "message": "a \\ud800 b"}, "message": "\\udfff"}'
    for item in preparer.prepare(replace(TIMED, report=line), NOW):
        item.crash.title.encode()
        (item.crash.message or "").encode()


def test_a_submission_without_surrogates_is_unchanged() -> None:
    assert wellformed(TIMED) is TIMED
