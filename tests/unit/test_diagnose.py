"""Diagnosis of reports, beyond the examples in the taxonomy."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.diagnosis.diagnose import BY_CAUSE, KEY_LIMIT, Diagnosis, diagnose, last_name, recalled
from graph.model.report import Cause, ParsedReport, StackFrame

CULPRIT = StackFrame("total", "shop.cart")


def report(kind: str, message: str = "", *causes: Cause, frames: tuple[StackFrame, ...] = (CULPRIT,)) -> ParsedReport:
    return ParsedReport("x", kind, message, frames, culprit=frames[0] if frames else None, causes=causes)


def diagnosed(report: ParsedReport) -> Diagnosis:
    diagnosis = diagnose(report)
    assert diagnosis is not None
    return diagnosis


def code(kind: str, message: str = "") -> str | None:
    found = diagnose(report(kind, message))
    return found.error_code if found else None


@pytest.mark.parametrize(
    ("kind", "message", "expected"),
    [
        ("OSError", "[Errno 28] No space left on device", "LIM.DISK_FULL"),
        ("OSError", "[Errno 5] Input/output error", "IO.DEVICE"),
        ("OSError", "something new", "IO.FAILED"),
        ("java.lang.RuntimeException", "Connection refused", "NET.REFUSED"),
        ("java.lang.RuntimeException", "no idea", "APP.RAISED"),
        ("com.shop.CartFailure", "no idea", "APP.OWN"),
        ("kotlin.KotlinNullPointerException", "", "NUL.NULL_REFERENCE"),
        ("System.NullReferenceException", "", "NUL.NULL_REFERENCE"),
        ("Illuminate\\Database\\QueryException", "SQLSTATE[42S02]: Base table or view not found", "DB.FAILED"),
        ("std::out_of_range", "vector::_M_range_check", "COL.INDEX"),
        ("ActiveRecord::RecordNotFound", "", "DB.NOT_FOUND"),
        ("KASAN: slab-use-after-free Write", "", "MEM.USE_AFTER_FREE"),
        ("heap-use-after-free", "", "MEM.USE_AFTER_FREE"),
        ("com.shop.Registry$4", "", None),
        ("java.util.ConcurrentModificationException", "", "COL.MODIFIED"),
    ],
)
def test_kinds_are_distinguished(kind: str, message: str, expected: str | None) -> None:
    assert code(kind, message) == expected


def test_the_cluster_is_named_after_message_place_or_type() -> None:
    assert diagnosed(report("NameError", "name 'requests' is not defined")).cluster_id == "RES.NAME_ERROR:requests"
    assert diagnosed(report("KeyError", "12")).cluster_id == "COL.KEY:shop.cart"
    assert diagnosed(report("Heap-use-after-free")).cluster_id == "MEM.USE_AFTER_FREE:total"
    assert diagnosed(report("KeyError", "12", frames=())).cluster_id == "COL.KEY:KeyError"


def test_a_long_name_of_a_cluster_is_cut() -> None:
    found = diagnosed(report("NameError", f"name '{'x' * 400}' is not defined"))
    assert len(found.cluster_id) == len("RES.NAME_ERROR:") + KEY_LIMIT


def test_an_unspecific_error_is_diagnosed_by_its_innermost_cause() -> None:
    wrapped = report(
        "java.lang.RuntimeException",
        "cannot start",
        Cause("cause", "java.lang.IllegalStateException", "not ready"),
        Cause("cause", "java.net.ConnectException", "Connection refused"),
        Cause("cause", "com.shop.OddException", ""),
    )
    found = diagnosed(wrapped)
    assert found.error_code == "NET.REFUSED"
    assert found.confidence == pytest.approx(0.9 * BY_CAUSE) or found.confidence == pytest.approx(0.7 * BY_CAUSE)


def test_a_specific_error_keeps_its_diagnosis() -> None:
    assert diagnosed(report("KeyError", "'a'", Cause("cause", "OSError", "No space left on device"))).error_code == "COL.KEY"
    context = Cause("context", "KeyError", "'a'")
    assert diagnosed(report("Exception", "no idea", context)).error_code == "APP.RAISED"


def test_confidence_grows_with_the_conditions_of_the_rule() -> None:
    certain, name, words, nothing = (
        diagnosed(report(*pair)).confidence
        for pair in (
            ("TypeError", "total() missing 1 required positional argument: 'x'"),
            ("KeyError", ""),
            ("Odd", "deadlock detected"),
            ("Exception", ""),
        )
    )
    assert 1 > certain > name > words > nothing > 0


def test_frames_may_decide() -> None:
    test_frame = StackFrame("fail", "org.junit.Assert")
    assert diagnosed(report("AssertionError", "", frames=(test_frame,))).error_code == "CHK.TEST"
    assert diagnosed(report("AssertionError", "")).error_code == "CHK.ASSERTION"


def test_a_removed_code_keeps_its_family() -> None:
    found = recalled("OLD.GONE", "OLD.GONE:x", 0.9)
    assert found is not None
    assert (found.error_code, found.family, found.cluster_id, found.confidence) == ("OLD.GONE", "OLD", "OLD.GONE:x", 0.9)
    assert recalled(None, None, None) is None


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("java.lang.Error", "Error"),
        ("a::B", "B"),
        ("A\\B", "B"),
        ("Outer$Inner", "Inner"),
        ("Outer$4", "Outer"),
        ("KASAN: x in y", "KASAN: x in y"),
        ("", ""),
    ],
)
def test_types_match_by_their_last_name(kind: str, name: str) -> None:
    assert last_name(kind) == name


@given(st.text(max_size=80), st.text(max_size=400), st.text(max_size=60))
def test_no_text_breaks_it(kind: str, message: str, function: str) -> None:
    diagnose(report(kind, message, Cause("cause", message, kind), frames=(StackFrame(function, message),)))


@pytest.mark.parametrize(
    "bait",
    [
        "Assertion ",
        "'",
        '"',
        "a.",
        'near "',
        "host='",
        "a/",
        "[Errno",
        "x::y(",
        "ORA-",
        "No module named '",
        " ",
        'constraint "',
        "\n",
    ],
)
def test_hostile_messages_are_diagnosed_in_bounded_time(bait: str) -> None:
    message = bait * (1_000_000 // len(bait))
    begin = time.process_time()
    for kind in ("Odd", "ImportError", "java.lang.NoSuchMethodError", message):
        diagnose(report(kind, message))
    assert time.process_time() - begin < 2
