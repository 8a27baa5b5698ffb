"""The explanation covers every part of a report: whether it counts for the fingerprint, and why."""

from dataclasses import replace

from graph.fingerprint.compute import fingerprint
from graph.fingerprint.explain import SHOWN_FRAMES, Component, explain
from graph.model.report import ParsedReport, StackFrame

FRAMES = (
    StackFrame("assert_that", "hamcrest"),
    StackFrame("lambda$total$0", "shop.Cart"),
    StackFrame("total", "shop.Cart"),
    StackFrame("total", "shop.Cart"),
    StackFrame("pay", "shop.Checkout", inlined=True),
    StackFrame("run", "shop.Jobs"),
    StackFrame("main", "shop.Main"),
)
REPORT = ParsedReport("java", "java.lang.IllegalStateException", "order 12 is late", FRAMES, culprit=FRAMES[1])


def parts(report: ParsedReport) -> dict[str, Component]:
    return {component.part: component for component in explain(report)}


def test_type_and_message_count() -> None:
    explanation = parts(REPORT)
    assert explanation["type"].levels == ("exact", "structural", "text")
    assert explanation["message"].levels == ("exact", "text")
    assert (explanation["message"].normalised, explanation["message"].hints) == ("order <n> is late", ("number replaced",))


def test_hints_explain_why_frames_do_not_count() -> None:
    explanation = parts(REPORT)
    assert (explanation["frame 0"].levels, explanation["frame 0"].hints) == ((), ("runtime frame above the culprit",))
    assert explanation["frame 1"].levels == ("exact", "structural", "text")
    assert explanation["frame 1"].hints == ("culprit", "closure or state machine read as the method around it")
    assert (explanation["frame 3"].contributes, explanation["frame 3"].hints) == (False, ("recursion folded",))
    assert explanation["frame 4"].levels == ("exact", "text")
    assert explanation["frame 4"].hints == ("inlined, which another build may not be",)
    assert explanation["frame 5"].levels == ("structural", "text")
    assert explanation["frame 6"].hints == ("beyond the third frame from the culprit",)


def test_missing_parts_are_reported() -> None:
    explanation = parts(ParsedReport("x", "", ""))
    assert explanation["type"].hints == ("no type reported",)
    assert (explanation["message"].levels, explanation["message"].hints) == ((), ("no message reported",))


def test_comprehensions_and_minified_names_are_reported() -> None:
    frames = (StackFrame("<listcomp>", "shop"), StackFrame("t", file="https://x.example/app.min.js"))
    explanation = parts(ParsedReport("x", "E", "", frames))
    assert explanation["frame 0"].hints == ("comprehension, which newer interpreters do not list",)
    assert explanation["frame 1"].normalised == "<minified>"
    assert "minified name, which differs from build to build" in explanation["frame 1"].hints


def test_the_parts_that_count_are_those_that_are_hashed() -> None:
    """Changing a part that counts for a level changes its hash, and changing another does not."""
    before = fingerprint(REPORT)
    for position in range(len(FRAMES)):
        other = list(FRAMES)
        other[position] = replace(FRAMES[position], function="somethingElse")
        changed = fingerprint(replace(REPORT, frames=tuple(other), culprit=other[1]))
        levels = parts(REPORT)[f"frame {position}"].levels
        if FRAMES[position].function != "total":  # either half of a recursion changes it
            assert (changed.exact != before.exact) == ("exact" in levels)
            assert (changed.structural != before.structural) == ("structural" in levels)


def test_long_stacks_are_reported_in_part() -> None:
    explanation = explain(
        ParsedReport("x", "E", "", tuple(StackFrame(f"f{chr(97 + i % 23)}{chr(97 + i // 23)}") for i in range(500)))
    )
    assert len(explanation) == 2 + SHOWN_FRAMES + 1
    assert explanation[2 + 80].hints == ("beyond the frames that are kept",)
    assert explanation[-1].hints == ("400 more frames, which do not count or are repetitions",)
