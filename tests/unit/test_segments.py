"""A text read in pieces yields the reports of the whole text."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from graph.parsing import read as parsers
from graph.parsing.protocol import Parser
from graph.parsing.python import parser as python
from graph.parsing.python.parser import GAP_LIMIT
from graph.parsing.read import ECHO_DISTANCE, PARSERS, read
from graph.sources.stream import ALL, MARGIN, OTHERS, LocatedReport, ReportSegmenter

NOISE = (
    "\n",
    "\n\n",
    "2026-01-02 10:00:00 INFO [x] nothing to see\n",
    "no line of any log\n" * 3,
    "\x1b[31mcolours\x1b[0m\n",
    "x" * 300 + "\n",
    "2026-01-02 10:00:00 ERROR [x] cannot\n",
    "größe 漢字 \U0001f600\r\n",
)


def ends(parser: Parser) -> bool:
    """Whether a report of the format ends where another begins; test_hostile checks every format."""
    others = "\n\n".join(other.example for other in PARSERS if other.name != parser.name)
    found = next(iter(parser.parse(f"{parser.example}\n\n{others}")), None)
    return found is not None and found.span[1] <= len(parser.example) + 2


# Each example once: some formats fold reports of one process id into one crash, however far apart they are.
examples = st.tuples(
    st.permutations([parser.example for parser in PARSERS if ends(parser) and parser.name in OTHERS]),
    st.lists(st.lists(st.sampled_from(NOISE), max_size=9), min_size=99),
).map(lambda drawn: [part for example, noise in zip(*drawn, strict=False) for part in (example, *noise)])
Place = tuple[int, int, str, str, str, int]


def places(found: Iterator[LocatedReport] | list[LocatedReport]) -> list[Place]:
    return [
        (
            one.start,
            one.start + len(one.text),
            one.report.format,
            one.report.error_type,
            one.report.message,
            one.report.frame_count,
        )
        for one in found
    ]


def places_of(text: str, format: str) -> list[Place]:
    return [(*one.span, one.format, one.error_type, one.message, one.frame_count) for one in read(text, format).reports]


@pytest.mark.parametrize("format", [OTHERS, ALL])
@settings(max_examples=20, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(texts=examples, size=st.integers(min_value=50, max_value=3_000))
@pytest.mark.slow
def test_pieces_and_windows_change_nothing(texts: list[str], size: int, format: str) -> None:
    text = "".join(f"{one}\n\n" if one not in NOISE else one for one in texts)
    with pytest.MonkeyPatch.context() as patch:
        # A margin is at least four times the distance between parts of a report (see the test of the shipped sizes).
        patch.setattr(parsers, "ECHO_DISTANCE", 600)
        patch.setattr(python, "GAP_LIMIT", 600)
        segments = ReportSegmenter(format, window=6_000, margin=2_500)
        found = [one for at in range(0, len(text), size) for one in segments.feed(text[at : at + size])]
        found += segments.flush()
        assert places(found) == places_of(text, format)
    assert all(text[one.start : one.start + len(one.text)] == one.text for one in found)


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_a_report_parses_the_same_without_its_context(parser: object) -> None:
    for other in PARSERS:
        text = f"{NOISE[2] * 3}\n{other.example}\n\n{NOISE[3]}"
        for one in read(text).reports:
            alone = read(text[slice(*one.span)], one.format).reports
            assert [(again.error_type, again.message, again.frames, again.culprit) for again in alone] == [
                (one.error_type, one.message, one.frames, one.culprit)
            ]


def test_the_margin_is_wide_enough() -> None:
    assert 4 * max(ECHO_DISTANCE, GAP_LIMIT) < MARGIN


def test_a_report_longer_than_a_window_is_read_as_one() -> None:
    frames = "".join(f'  File "/srv/a{at}.py", line {at}, in f\n    x\n' for at in range(1, 3_000))
    text = f"before\n\nTraceback (most recent call last):\n{frames}KeyError: 1\n\n" * 2
    segments = ReportSegmenter(window=4_000, margin=1_000)
    found = [one for at in range(0, len(text), 999) for one in segments.feed(text[at : at + 999])]
    found += segments.flush()
    assert [one.report.frame_count for one in found] == [2_999, 2_999]


def test_a_report_without_an_end_takes_bounded_memory() -> None:
    segments = ReportSegmenter(window=4_000, margin=1_000, limit=32_000)
    most = 0
    found = [*segments.feed("Traceback (most recent call last):\n")]
    for at in range(1, 20_000):
        found += segments.feed(f'  File "/srv/a{at}.py", line {at}, in f\n')
        most = max(most, segments.size)
    found += segments.flush()
    assert sum(one.report.frame_count for one in found) == 19_999
    assert most <= 33_000


@pytest.mark.parametrize(
    ("first", "formats"), [("2026-01-02 10:00:00 INFO [x] y\n", {"log", "python"}), ("words\n", {"python"})]
)
def test_treatment_of_log_lines_is_decided_once(first: str, formats: set[str]) -> None:
    python = next(parser.example for parser in PARSERS if parser.name == "python")
    text = first * 300 + python + "\n" + first * 300 + "2026-01-02 10:00:00 ERROR [x] y\n" * 300
    segments = ReportSegmenter(window=6_000, margin=2_500)
    found = [one for at in range(0, len(text), 999) for one in segments.feed(text[at : at + 999])]
    found += segments.flush()
    assert {one.report.format for one in found} == formats


def test_the_owner_of_a_record_is_the_same_in_every_window() -> None:
    """A record directly above a stack has the language of the stacks its logger wrote before, in earlier windows too."""
    record = "2026-01-02 10:00:00 ERROR [x] cannot\n"
    examples = {parser.name: parser.example for parser in PARSERS}
    text = f"{NOISE[3] * 60}\n{record}{examples['ruby']}\n\n{record}{examples['sentry']}\n\n{NOISE[3] * 300}"
    for window in range(4_000, 8_000, 500):
        segments = ReportSegmenter(ALL, window=window, margin=2_500)
        found = [one for at in range(0, len(text), 70) for one in segments.feed(text[at : at + 70])] + [*segments.flush()]
        assert places(found) == places_of(text, ALL)


def test_interleaved_reports_are_returned_without_the_lines_of_the_other() -> None:
    stack = (
        "Traceback (most recent call last):\n"
        '  File "/srv/mill/store.py", line 31, in weigh\n'
        "    return sacks[kind]\n"
        "KeyError: '{}'\n"
    )
    pair = zip(stack.format("rye").splitlines(), stack.format("oat").splitlines(), strict=True)
    crash = "".join(f"store-1  | {first}\nbakery-1 | {second}\n" for first, second in pair)
    noise = "".join(f"store-1  | GET /sacks/{number}\n" for number in range(400))
    segmenter = ReportSegmenter(window=2_000, margin=600)
    located = [*segmenter.feed(f"{noise}{crash}{noise}"), *segmenter.flush()]
    assert [one.report.message for one in located] == ["'rye'", "'oat'"]
    for one in located:
        assert len({line.split()[0] for line in one.text.splitlines()}) == 1
        assert [report.message for report in read(one.text).reports] == [one.report.message]
