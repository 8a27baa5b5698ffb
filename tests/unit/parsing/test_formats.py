"""Properties of every parser."""

from __future__ import annotations

import pytest

from graph.parsing.protocol import Parser
from graph.parsing.read import PARSERS, SIGN_INDEX, read

every_parser = pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)


@every_parser
def test_the_example_is_recognised_as_its_format(parser: Parser) -> None:
    reading = read(parser.example)
    assert [(one.format, one.truncated) for one in reading.reports] == [(parser.name, False)]
    assert reading.reports[0].error_type
    assert parser.title
    assert parser.takes


@every_parser
def test_the_example_with_windows_line_ends_is_read_alike(parser: Parser) -> None:
    [plain], [windows] = read(parser.example).reports, read(parser.example.replace("\n", "\r\n")).reports
    assert (windows.error_type, windows.message, windows.frames) == (plain.error_type, plain.message, plain.frames)


@every_parser
def test_an_example_truncated_anywhere_does_not_raise(parser: Parser) -> None:
    for end in range(len(parser.example)):
        for report in parser.parse(parser.example[:end]):
            assert 0 <= report.span[0] <= report.span[1] <= end


@every_parser
def test_another_format_is_not_claimed(parser: Parser) -> None:
    others = [other for other in PARSERS if other.name != parser.name]
    for other in others:
        assert {one.format for one in read(other.example).reports} == {other.name}


def test_parsers_are_asked_about_every_text_they_recognise() -> None:
    """The literals by which parsers are selected include all that ``sniff`` accepts."""
    for text in (text for parser in PARSERS for text in (parser.example, *parser.example.splitlines(keepends=True))):
        recognised = {parser.name for parser in PARSERS if parser.sniff(text) > 0}
        assert recognised <= SIGN_INDEX.names_in(text)
