"""Reports of a log that is still being written, each once: over rotation, truncation and restarts.

A report is taken when nothing more has come behind it for a while, so none is taken half. Up to where a log has been taken is
kept in a small file, which is written after the reports are stored. Where that is late, as after a kill, they come again
with the same place in the same log, and are recognised by it.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from glob import escape
from pathlib import Path
from typing import BinaryIO

import orjson

from graph.parsing.protocol import line_at
from graph.sources.encoding import LOOKED_AT, encoding_of, pieces
from graph.sources.files import JSON_LINES, ReadOptions, located
from graph.sources.json_lines import Line, submission_of
from graph.sources.stream import ReportSegmenter
from graph.sources.submission import Submission

CHUNK = 1 << 20
HEAD_LIMIT = 256
"""Bytes at the beginning of a log that tell it from another one of the same name."""


@dataclass(frozen=True, slots=True)
class TailPosition:
    """Up to where a log has been taken. ``key`` names this one among all that bore its name; ``head`` is its beginning in hex.

    ``offset`` counts bytes of the file, ``start`` characters of its text. ``encoding`` is empty until something was read.
    """

    key: str
    inode: int
    head: str = ""
    offset: int = 0
    start: int = 0
    encoding: str = ""


class Follower:
    """Follows one log. Not for several threads at once."""

    def __init__(
        self, path: Path, folder: Path, options: ReadOptions, quiet: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``folder`` keeps the place; ``quiet`` is how many seconds nothing must come behind a report until it is taken."""
        self._path = path
        self._options = options
        self._quiet = quiet
        self._clock = clock
        name = hashlib.sha256(str(path.absolute()).encode("utf-8", "surrogateescape")).hexdigest()[:32]
        self._file = folder / f"{name}.json"
        self._place = _read_place(self._file)
        self._log: _OpenLog | None = None
        self._ended: _OpenLog | None = None
        self.busy = False
        """Whether there is more to read at once."""

    def poll(self) -> list[Submission]:
        """The reports that are complete by now. Call :meth:`keep` when they are stored."""
        if self._log is None:
            self._log = self._opened()
        log = self._log
        self.busy = False
        if log is None:
            return []
        emptied = log.is_emptied()
        self.busy = not emptied and log.read(self._clock())
        found = list(log.complete(self._clock() - self._quiet))
        # Who writes a log may do so for a while after it was renamed.
        if emptied or (not log.is_waiting and log.is_renamed(self._path)):
            # Nothing more comes to it: what is left is all there is, and the log of that name is another one now.
            found += log.rest()
            self._ended = log
            self._log = None
            self.busy = True
        return found

    def keep(self) -> None:
        """Remember that what was given so far is stored."""
        log = self._log or self._ended
        if log is None:
            return
        place = log.place()
        if place != self._place:
            self._write(place)
        if self._ended is not None:
            self._ended.close()
            self._ended = self._place = None

    def close(self) -> None:
        """Let go of the log."""
        for log in (self._log, self._ended):
            if log is not None:
                log.close()
        self._log = self._ended = None

    def _write(self, place: TailPosition) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._file.with_suffix(".new")
        fresh.write_bytes(orjson.dumps(asdict(place)))
        fresh.replace(self._file)
        self._place = place

    def _opened(self) -> _OpenLog | None:
        """The log where it was left, or the one that was renamed before all of it was taken, or a new one at its beginning."""
        for path in self._where():
            try:
                stream = path.open("rb")
            except OSError:
                continue
            place = self._place if self._place is not None and _is_at(stream, self._place) else self._new_place(stream)
            # Its key is kept before anything of it is stored: a run that is killed then gives the same key again.
            self._write(place)
            return _OpenLog(stream, place, self._options, self._path)
        return None

    def _where(self) -> Iterator[Path]:
        place = self._place
        if place is not None and not _lies_at(self._path, place):
            try:
                others = sorted(self._path.parent.glob(f"{escape(self._path.name)}?*"))
            except OSError:
                others = []
            yield from (one for one in others if _lies_at(one, place) and one.stat().st_size > place.offset)
        yield self._path

    def _new_place(self, stream: BinaryIO) -> TailPosition:
        inode = os.fstat(stream.fileno()).st_ino
        told = f"{self._path.absolute()}\x1f{inode}\x1f{time.time_ns()}"
        return TailPosition(hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest(), inode)


class _OpenLog:
    """One file while it is followed."""

    def __init__(self, stream: BinaryIO, place: TailPosition, options: ReadOptions, path: Path) -> None:
        self._stream = stream
        self._place = place
        self._origin = Line(
            str(path), 0, 1, place.key, path.name, options.format, options.product, options.version, options.site
        )
        jsonl = options.jsonl if options.jsonl is not None else path.name.lower().endswith(JSON_LINES)
        self._text = _Lines(self._origin, place.start) if jsonl else _Reports(self._origin, place.start)
        self._decoder = pieces(place.encoding) if place.encoding else None
        self._position = place.offset
        # Places where the bytes and the characters read so far correspond, and when the text had become how long.
        self._marks: deque[tuple[int, int]] = deque()
        self._growth: deque[tuple[float, int]] = deque()

    def close(self) -> None:
        self._stream.close()

    @property
    def is_waiting(self) -> bool:
        """Whether something came so short a time ago that more may belong to it."""
        return bool(self._growth)

    def place(self) -> TailPosition:
        """The last place that is known in bytes and before which everything was given."""
        while self._marks and self._marks[0][0] <= self._text.start:
            start, offset = self._marks.popleft()
            self._place = replace(self._place, start=start, offset=offset)
        return self._place

    def is_emptied(self) -> bool:
        """Whether the file was truncated or written anew."""
        return os.fstat(self._stream.fileno()).st_size < self._position or not _begins(self._stream, self._place)

    def is_renamed(self, path: Path) -> bool:
        """Whether another file has the name now. Where none has it, one may still come."""
        try:
            named = path.stat()
        except OSError:
            return False
        own = os.fstat(self._stream.fileno())
        return (named.st_ino, named.st_dev) != (own.st_ino, own.st_dev)

    def read(self, now: float) -> bool:
        """Take what was written since, at most a chunk, and say whether there was anything."""
        self._stream.seek(self._position)
        data = self._stream.read(CHUNK)
        if not data:
            return False
        if self._position == len(self._place.head) // 2 and self._position < HEAD_LIMIT:
            self._place = replace(self._place, head=self._place.head + data[: HEAD_LIMIT - self._position].hex())
        self._position += len(data)
        if self._decoder is None:
            encoding, mark = encoding_of(data[:LOOKED_AT]) or ("utf-8", 0)
            self._place = replace(self._place, encoding=encoding)
            self._decoder = pieces(encoding)
            data = data[mark:]
        line = data.rfind(b"\n") + 1
        begin = self._position - len(data)
        for part, end in ((data[:line], begin + line), (data[line:], self._position)):
            self._text.add(self._decoder.decode(part))
            length = self._text.start + self._text.size
            if not self._decoder.getstate()[0]:
                self._marks.append((length, end))
        self._growth.append((now, length))
        return True

    def complete(self, before: float) -> Iterator[Submission]:
        """What ends where the text had come to by a time, and of a long text what lies well before its end."""
        until = None
        while self._growth and self._growth[0][0] <= before:
            until = self._growth.popleft()[1]
        if until is not None:
            yield from self._text.settled(until)
        yield from self._text.ahead()

    def rest(self) -> Iterator[Submission]:
        """Everything that has not been given."""
        self._growth.clear()
        yield from self._text.settled(None)


class _Reports:
    """A text whose reports are found in it."""

    def __init__(self, origin: Line, start: int) -> None:
        self._origin = origin
        self._segments = ReportSegmenter(origin.format)
        self._segments.start = start
        self.add = self._segments.add

    @property
    def start(self) -> int:
        return self._segments.start

    @property
    def size(self) -> int:
        return self._segments.size

    def settled(self, until: int | None) -> Iterator[Submission]:
        yield from (located(one, self._origin) for one in self._segments.settled(until))

    def ahead(self) -> Iterator[Submission]:
        yield from (located(one, self._origin) for one in self._segments.feed(""))


class _Lines:
    """A text with one JSON object a line."""

    def __init__(self, origin: Line, start: int) -> None:
        self._origin = origin
        self._text = ""
        self.start = start

    @property
    def size(self) -> int:
        return len(self._text)

    def add(self, piece: str) -> None:
        self._text += piece

    def settled(self, until: int | None) -> Iterator[Submission]:
        """The lines that have ended; without a place also one that has not."""
        end = len(self._text) if until is None else self._text.rfind("\n") + 1
        position, text = 0, self._text
        while position < end:
            line, after = line_at(text, position, end)
            if line.strip():
                yield submission_of(line, replace(self._origin, ordinal=self.start + position))
            position = after
        self._text, self.start = text[end:], self.start + end

    def ahead(self) -> Iterator[Submission]:
        yield from self.settled(0)


def _read_place(file: Path) -> TailPosition | None:
    """The place that a file keeps; ``None`` when there is none or it is damaged."""
    try:
        content = orjson.loads(file.read_bytes())
        return TailPosition(**{one.name: content[one.name] for one in fields(TailPosition)})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _begins(stream: BinaryIO, place: TailPosition) -> bool:
    """Whether a file still begins as it did."""
    stream.seek(0)
    return stream.read(HEAD_LIMIT).hex().startswith(place.head)


def _is_at(stream: BinaryIO, place: TailPosition) -> bool:
    """Whether a file is the one of a place."""
    told = os.fstat(stream.fileno())
    return told.st_ino == place.inode and told.st_size >= place.offset and _begins(stream, place)


def _lies_at(path: Path, place: TailPosition) -> bool:
    try:
        with path.open("rb") as stream:
            return _is_at(stream, place)
    except OSError:
        return False
