"""Explain a candidate in sentences: what its nearest signature has in common with the report, and what differs.

The facts come from the two signatures; the ranking model's contributions only order them, so that the most telling comes first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from graph.algorithms.evidence import ComparableSignature
from graph.matching.candidates import EvidencePart, IncomingSignature, KnownSignature
from graph.matching.comparable import describe, describe_fingerprint

TYPE, MESSAGE, CULPRIT, FRAMES, WORDS = "type", "message", "culprit", "frames", "words"
TOPICS = {
    "same_cause": MESSAGE,
    "message": MESSAGE,
    "same_place": CULPRIT,
    "same_crash": CULPRIT,
    "culprit": CULPRIT,
    "elsewhere": CULPRIT,
    "modules": FRAMES,
    "inner_words": WORDS,
    "words": WORDS,
    "meaning": WORDS,
    "shared": WORDS,
}
"""The fact that each part of the evidence measures."""
ORDER = (CULPRIT, MESSAGE, FRAMES, TYPE, WORDS)
"""Order of facts that the model weighs equally."""
SHOWN_FRAMES = 3
SHOWN_WORDS = 4
NAME_LENGTH = 80
MESSAGE_LENGTH = 100
LEAST_CONTRIBUTION = 0.05
"""Parts that contribute less to the log odds are left out of the numbers."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One sentence part about a topic; ``alike`` if it speaks for the same bug."""

    topic: str
    alike: bool
    text: str


def explain_candidate(incoming: IncomingSignature, known: KnownSignature, evidence: Sequence[EvidencePart]) -> str:
    """``Alike: same culprit a.b; same message. Differs: …. (numbers)``, the most telling facts first."""
    report = describe_fingerprint(incoming.fingerprint)
    other = describe(known.error_type, known.cause, known.frames)
    weights = _weights(evidence)
    facts = sorted(_facts(report, other), key=lambda fact: (-weights.get(fact.topic, 0.0), ORDER.index(fact.topic)))
    parts = [
        f"{label}: {'; '.join(texts)}."
        for label, texts in (
            ("alike", [fact.text for fact in facts if fact.alike]),
            ("differs", [fact.text for fact in facts if not fact.alike]),
        )
        if texts
    ]
    return " ".join([*parts, *_numbers(evidence)]) or "nothing in common."


def _weights(evidence: Sequence[EvidencePart]) -> Mapping[str, float]:
    """The strongest contribution per topic."""
    weights: dict[str, float] = {}
    for part in evidence:
        topic = TOPICS.get(part.part)
        if topic:
            weights[topic] = max(weights.get(topic, 0.0), abs(part.contribution))
    return weights


def _facts(report: ComparableSignature, other: ComparableSignature) -> Iterator[Fact]:
    if report.error_type == other.error_type:
        yield Fact(TYPE, True, f"same error type {_name(report.error_type)}")
    else:
        yield Fact(TYPE, False, f"error type {_name(report.error_type)}, known as {_name(other.error_type)}")
    yield from _message(report, other)
    yield from _culprit(report, other)
    yield from _frames(report.frames, other.frames)
    yield from _words(report, other)


def _message(report: ComparableSignature, other: ComparableSignature) -> Iterator[Fact]:
    if not report.message and not other.message:
        return
    if report.message == other.message:
        yield Fact(MESSAGE, True, f"same message “{_shortened(report.message)}”")
    elif not report.message or not other.message:
        yield Fact(MESSAGE, False, "only one of them has a message")
    else:
        own, theirs = report.message_words - other.message_words, other.message_words - report.message_words
        common = report.message_words & other.message_words
        if common:
            yield Fact(MESSAGE, True, f"messages share {_listed(_in_order(report.message, common))}")
        if own or theirs:
            sides = [
                f"{_listed(_in_order(text, only))} only {where}"
                for text, only, where in ((report.message, own, "here"), (other.message, theirs, "there"))
                if only
            ]
            yield Fact(MESSAGE, False, "message: " + ", ".join(sides))


def _culprit(report: ComparableSignature, other: ComparableSignature) -> Iterator[Fact]:
    if not report.frames or not other.frames:
        return
    own, known = report.frames[0], other.frames[0]
    if own == known:
        yield Fact(CULPRIT, True, f"same culprit {_name(own)}")
    elif report.modules[0] and report.modules[0] == other.modules[0]:
        yield Fact(CULPRIT, False, f"culprit {_name(own)}, known as {_name(known)} of the same module")
    else:
        yield Fact(CULPRIT, False, f"culprit {_name(own)}, known as {_name(known)}")


def _frames(own: Sequence[str], known: Sequence[str]) -> Iterator[Fact]:
    if not own or not known:
        if own or known:
            yield Fact(FRAMES, False, "only one of them has a stack")
        return
    blocks = SequenceMatcher(None, own, known, autojunk=False).get_matching_blocks()
    common = [frame for block in blocks for frame in own[block.a : block.a + block.size]]
    if list(own) == list(known):
        yield Fact(FRAMES, True, f"same {len(own)} frames" if len(own) > 1 else "same frame")
        return
    longest = max(len(own), len(known))
    if common:
        yield Fact(FRAMES, True, f"{len(common)} of {longest} frames in common, among them {_listed(common, SHOWN_FRAMES)}")
    others = [frame for frame in own if frame not in common]
    missing = [frame for frame in known if frame not in common]
    sides = [f"{_listed(names, SHOWN_FRAMES)} only {where}" for names, where in ((others, "here"), (missing, "there")) if names]
    if sides:
        yield Fact(FRAMES, False, "frames " + ", ".join(sides))


def _words(report: ComparableSignature, other: ComparableSignature) -> Iterator[Fact]:
    """How many words the two have in common, where no name or message is the same."""
    if report.message == other.message or set(report.frames) & set(other.frames):
        return
    common = [word for word in report.words if word in other.words]
    if common:
        yield Fact(WORDS, True, f"{len(common)} of {len(report.words)} words in common, among them {_listed(common)}")
    else:
        yield Fact(WORDS, False, "no words in common")


def _numbers(evidence: Sequence[EvidencePart]) -> Iterator[str]:
    """The model's weights, for those who want them."""
    shown = [part for part in evidence if abs(part.contribution) >= LEAST_CONTRIBUTION]
    if shown:
        yield "(" + ", ".join(f"{part.meaning} {part.contribution:+.1f}" for part in shown) + ")"


def _in_order(text: str, chosen: frozenset[str]) -> list[str]:
    """Chosen words in the order of their first occurrence in a text."""
    lowered = text.lower()
    return sorted(chosen, key=lambda word: (lowered.find(word) if word in lowered else len(lowered), word))


def _listed(names: Sequence[str], shown: int = SHOWN_WORDS) -> str:
    distinct = list(dict.fromkeys(names))
    more = f" and {len(distinct) - shown} more" if len(distinct) > shown else ""
    return ", ".join(_name(name) for name in distinct[:shown]) + more


def _name(text: str) -> str:
    return text if len(text) <= NAME_LENGTH else f"…{text[1 - NAME_LENGTH :]}"


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MESSAGE_LENGTH else f"{line[: MESSAGE_LENGTH - 1]}…"
