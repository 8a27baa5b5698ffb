"""Values by number, on disk: what a backup has to remember of each node takes no memory."""

from __future__ import annotations

import tempfile
from types import TracebackType
from typing import Self


class NumberedValues:
    """Values of one size, none of which is all zeros, by numbers from 0, in a temporary file. Use as a context manager."""

    def __init__(self, size: int) -> None:
        """``size`` is that of a value in bytes."""
        self._size = size
        self._nothing = bytes(size)
        self._file = tempfile.TemporaryFile(buffering=0, prefix="crashgraph-backup-")  # noqa: SIM115  # closed by __exit__

    def __setitem__(self, number: int, value: bytes) -> None:
        """Note a value. ``OSError`` if the disk is full, ``ValueError`` for a number below 0."""
        self._file.seek(number * self._size)
        self._file.write(value)

    def __getitem__(self, number: int) -> bytes:
        """A value; ``KeyError`` if there is none of this number."""
        self._file.seek(number * self._size)
        value = self._file.read(self._size)
        if len(value) < self._size or value == self._nothing:
            raise KeyError(number)
        return value

    def __enter__(self) -> Self:
        """Nothing to do: the file is open."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Remove the file."""
        self._file.close()
