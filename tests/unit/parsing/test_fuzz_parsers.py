"""Generated texts: reports truncated, spliced and damaged. ``tools/fuzz.py`` runs the same for any length of time."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from graph.fingerprint.compute import fingerprint
from graph.parsing.protocol import Parser
from graph.parsing.read import PARSERS, read
from graph.sources.stream import ReportSegmenter

pytestmark = pytest.mark.slow

# Shrinking takes minutes; enable it to investigate a failure.
quick = settings(
    max_examples=25,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
MARKERS = sorted(
    {line for parser in PARSERS for line in parser.example.split("\n") if line.strip()}
    | {piece for parser in PARSERS for piece in parser.example.split() if len(piece) > 4}
)
ODD = [
    "",
    "\n",
    "\r\n",
    "\r",
    "\t",
    " ",
    "  ",
    '"',
    "'",
    "\\",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "<",
    ">",
    ":",
    ",",
    "#",
    "\x00",
    "\x1b[0m",
]
FAR = ["\ud800", "\ufeff", "\u202e", "\u2028", "9" * 30, "a" * 300, "at ", "Caused by: ", "\n\n", "-1", "0x", "e9"]
pieces = st.sampled_from([*MARKERS, *ODD, *FAR]) | st.text(max_size=12)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """An example with parts removed, inserted, doubled or replaced by parts of another."""
    text = draw(st.sampled_from(PARSERS)).example
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 300)))
        other = draw(st.sampled_from(PARSERS)).example
        cut = draw(st.integers(0, len(other)))
        put = draw(st.sampled_from(["", text[start:end] * 2, other[cut : cut + 300]]) | pieces)
        text = text[:start] + put + text[end:]
    return text


texts = damaged() | st.lists(pieces, max_size=60).map("\n".join) | st.lists(pieces, max_size=60).map("".join)


def check(parser: Parser, text: str) -> None:
    """Properties for any text: nothing is raised, spans are ordered and within the text, every report has a fingerprint."""
    assert 0 <= parser.sniff(text) <= 1
    floor = 0
    for report in parser.parse(text):
        assert report.format == parser.name
        assert floor <= report.span[0] <= report.span[1] <= len(text)
        floor = report.span[1]
        assert report.culprit is None or report.frames
        assert all(frame.repeated >= 1 for frame in report.frames)
        assert report.occurred_at is None or report.occurred_at.tzinfo is not None
        assert fingerprint(report).exact


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
@quick
@given(text=texts)
def test_no_text_makes_a_format_raise(parser: Parser, text: str) -> None:
    check(parser, text)


@quick
@given(text=texts)
def test_no_text_makes_all_formats_together_raise(text: str) -> None:
    check_all(text)


def check_all(text: str) -> None:
    """Properties of the reports of all formats together, and of a text that arrives in pieces."""
    reading = read(text)
    assert bool(reading.reports) == (reading.reason is None)
    floor = 0
    for report in reading.reports:
        assert floor <= report.span[0] <= report.span[1] <= len(text)
        floor = report.span[1]
    segments = ReportSegmenter(window=400, margin=150, limit=2_000)
    told = 0
    for at in range(0, len(text), 97):
        for one in segments.feed(text[at : at + 97]):
            assert one.start >= told
            assert text[one.start : one.start + len(one.text)] == one.text
            told = one.start + len(one.text)
    assert all(one.start >= told for one in segments.flush())
