"""Patterns that share error type and culprit get names that set them apart."""

from __future__ import annotations

from graph.fingerprint.compute import fingerprint
from graph.fingerprint.pattern_names import pattern_names
from graph.model.report import ParsedReport, StackFrame

FRAMES = (StackFrame("load", "shop.orders"), StackFrame("run", "shop.jobs"))


def names_of(message: str, frames: tuple[StackFrame, ...] = FRAMES) -> tuple[str, ...]:
    made = fingerprint(ParsedReport("python", "ValueError", message, frames, culprit=frames[0] if frames else None))
    return pattern_names(made.title, made.error_type, made.cause, [frame.key for frame in made.frames], made.exact)


def test_names_go_from_plain_to_unique() -> None:
    plain, with_message, with_caller, with_both, unique = names_of("order has no lines")
    assert plain == "ValueError in shop.orders.load"
    assert with_message == f"{plain}: order has no lines"
    assert with_caller == f"{plain}, called by shop.jobs.run"
    assert with_both == f"{plain}, called by shop.jobs.run: order has no lines"
    assert unique.startswith(f"{plain} #")


def test_a_recursive_frame_is_not_its_own_caller() -> None:
    frames = (FRAMES[0], FRAMES[0], FRAMES[1])
    assert "ValueError in shop.orders.load, called by shop.jobs.run" in names_of("", frames)


def test_without_message_and_caller_only_the_hash_is_added() -> None:
    plain, unique = names_of("", FRAMES[:1])
    assert unique.removeprefix(plain).startswith(" #")


def test_a_message_in_the_plain_name_is_not_repeated() -> None:
    assert names_of("disk is full", ())[0] == "ValueError: disk is full"
    assert len(names_of("disk is full", ())) == 2


def test_a_long_message_is_one_short_line() -> None:
    name = names_of("word " * 100 + "\nsecond line")[1]
    assert "\n" not in name
    assert len(name) < 130
    assert name.endswith("…")
