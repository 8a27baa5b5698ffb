"""A candidate is explained by what the two signatures have in common and what differs, the most telling first."""

from __future__ import annotations

from dataclasses import replace

from graph.fingerprint.compute import fingerprint
from graph.matching.candidates import EvidencePart, IncomingSignature, KnownSignature
from graph.matching.wording import explain_candidate
from graph.model.report import ParsedReport, StackFrame

FRAMES = tuple(StackFrame(name, f"shop.{name}s") for name in ("order", "job", "queue", "loop"))
REPORT = ParsedReport("python", "ValueError", "order has no lines", FRAMES, culprit=FRAMES[0])


def known(report: ParsedReport) -> KnownSignature:
    made = fingerprint(report)
    frames = tuple(frame.key for frame in made.frames[made.blamed :])
    return KnownSignature(made.exact, made.structural, made.error_type, made.cause, frames, "p", "name")


def explain(other: ParsedReport, *evidence: EvidencePart) -> str:
    return explain_candidate(IncomingSignature(fingerprint(REPORT), ()), known(other), evidence)


def test_the_same_report_is_alike_in_everything() -> None:
    text = explain(REPORT)
    assert text == (
        "alike: same culprit shop.orders.order; same message “order has no lines”; same 4 frames; same error type ValueError."
    )


def test_what_differs_is_named() -> None:
    other = replace(REPORT, error_type="KeyError", message="order has no address", frames=FRAMES[1:], culprit=FRAMES[1])
    text = explain(other)
    assert "error type ValueError, known as KeyError" in text
    assert "culprit shop.orders.order, known as shop.jobs.job" in text
    assert "messages share order, has, no" in text
    assert "message: lines only here, address only there" in text
    assert "3 of 4 frames in common, among them shop.jobs.job, shop.queues.queue, shop.loops.loop" in text
    assert "frames shop.orders.order only here" in text


def test_the_most_telling_fact_comes_first() -> None:
    first = explain(REPORT, EvidencePart("message", 1.0, 2.0, "words of the message in common"))
    assert first.startswith("alike: same message “order has no lines”;")


def test_the_numbers_come_last() -> None:
    text = explain(REPORT, EvidencePart("frames", 1.0, 0.62, "stack alignment"), EvidencePart("lead", 0.1, 0.01, "lead"))
    assert text.endswith("(stack alignment +0.6)")


def test_a_report_without_a_stack_is_compared_by_words() -> None:
    other = ParsedReport("log", "Error", "disk is full", ())
    text = explain(other)
    assert "only one of them has a stack" in text
    assert "1 of 14 words in common, among them error" in text


def test_long_names_and_messages_are_cut() -> None:
    long = "x" * 5_000
    text = explain(replace(REPORT, error_type=long, message=f"{long} " * 3, frames=()))
    assert len(text) < 1_200
