"""Which line above the frames of a .NET error is its first one.

Lines of a message may have the form of an error. The header is the first line of the block of message and frames if that
names a class with its namespace, else the topmost such line of the nearest paragraph with any.
"""

from __future__ import annotations

from dataclasses import dataclass

PASSED_LINES = 60


@dataclass(frozen=True, slots=True)
class ErrorHeader:
    """The first line of an error from the error on, where it starts, and its indentation."""

    start: int
    text: str
    margin: int = 0
    qualified: bool = False


@dataclass(slots=True)
class ErrorSearch:
    """State of the search, from the line directly above the frames upwards.

    ``mentioned`` is used where no line is a header, ``first`` is the line read last, if it is one.
    """

    mentioned: ErrorHeader
    header: ErrorHeader | None = None
    first: ErrorHeader | None = None
    paragraph_over: bool = False
    filled: bool = False
    passed: bool = False

    @property
    def found(self) -> ErrorHeader:
        """The header of the lines read."""
        return self.first or self.header or self.mentioned

    def take(self, bare: str, error: ErrorHeader | None) -> None:
        """Add the next line further up; ``error`` if it has the form of an error."""
        if not bare:
            self.paragraph_over = self.header is not None
            return
        self.filled = True
        if error is None or (self.passed and not error.qualified):
            self.first = None
            return
        known = self.header
        # A program may print the error before its stack trace.
        repeated = known is not None and known.text == error.text
        if known is None or (error.qualified and not repeated and not self.paragraph_over):
            self.header = error
        self.first = error if error.qualified and not repeated else None

    def passes_record(self, lines: int) -> bool:
        """Whether a log record is part of the message: no error is named below it, but other words are."""
        self.passed = self.header is None and not self.mentioned.text and self.filled and lines < PASSED_LINES
        self.first = None if self.passed else self.first
        return self.passed
