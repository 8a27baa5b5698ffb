"""Tail a log: every report once, across rotation, truncation and restarts.

A report is complete when nothing has followed it for the quiet time. The position is saved to a small file after the reports
are stored. A process killed in between reads them again from the same position, which gives the same crash ids.
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
from graph.sources.encoding import LOOKED_AT, encoding_of, incremental_decoder
from graph.sources.files import ReadOptions, submission_at
from graph.sources.json_lines import submission_of
from graph.sources.stream import ReportSegmenter
from graph.sources.submission import Submission

CHUNK = 1 << 20
HEAD_LIMIT = 256
"""Bytes at the beginning of a log that distinguish it from another file of the same name."""


@dataclass(frozen=True, slots=True)
class TailPosition:
    """How far a log has been read. ``key`` distinguishes it from other files of its name; ``head`` is its beginning in hex.

    ``offset`` counts bytes of the file, ``start`` characters of its text. ``encoding`` is empty until something has been read.
    """

    key: str
    inode: int
    head: str = ""
    offset: int = 0
    start: int = 0
    encoding: str = ""


class Follower:
    """Follows one log. Not thread-safe."""

    def __init__(
        self, path: Path, folder: Path, options: ReadOptions, quiet: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``folder`` holds the saved positions; ``quiet`` is the number of seconds without new text that completes a report."""
        self._path = path
        self._options = options
        self._quiet = quiet
        self._clock = clock
        name = hashlib.sha256(str(path.absolute()).encode("utf-8", "surrogateescape")).hexdigest()[:32]
        self._file = folder / f"{name}.json"
        self._position = _read_position(self._file)
        self._log: _OpenLog | None = None
        self._ended: _OpenLog | None = None
        self.busy = False
        """Whether more text is waiting to be read."""

    def poll(self) -> list[Submission]:
        """The reports complete by now. Call :meth:`save_position` once they are stored."""
        if self._log is None:
            self._log = self._opened()
        log = self._log
        self.busy = False
        if log is None:
            return []
        emptied = log.is_emptied()
        self.busy = not emptied and log.read(self._clock())
        submissions = list(log.complete(self._clock() - self._quiet))
        # A process may go on writing to a log for a while after it was renamed.
        if emptied or (not log.is_waiting and log.is_renamed(self._path)):
            # The log has ended: flush the rest and open the file that has the name now.
            submissions += log.rest()
            self._ended = log
            self._log = None
            self.busy = True
        return submissions

    def save_position(self) -> None:
        """Record that everything returned so far is stored."""
        log = self._log or self._ended
        if log is None:
            return
        position = log.position()
        if position != self._position:
            self._write(position)
        if self._ended is not None:
            self._ended.close()
            self._ended = self._position = None

    def rest(self) -> list[Submission]:
        """The reports of text that cannot be read again, complete or not. Call it before :meth:`close`."""
        return list(self._log.rest()) if isinstance(self._log, _OpenPipe) else []

    def close(self) -> None:
        """Close the log."""
        for log in (self._log, self._ended):
            if log is not None:
                log.close()
        self._log = self._ended = None

    def _write(self, position: TailPosition) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._file.with_suffix(".new")
        fresh.write_bytes(orjson.dumps(asdict(position)))
        fresh.replace(self._file)
        self._position = position

    def _opened(self) -> _OpenLog | None:
        """The log at its saved position; a renamed log that was not read to its end comes before the new one of its name."""
        for path in self._candidates():
            try:
                if path.is_fifo():
                    return self._opened_pipe(path)
                stream = path.open("rb")
            except OSError:
                continue
            saved = self._position
            position = saved if saved is not None and _has_position(stream, saved) else self._new_position(stream)
            # The key is saved before anything is stored, so that a killed run uses the same key again.
            self._write(position)
            return _OpenLog(stream, position, self._options, self._path)
        return None

    def _opened_pipe(self, path: Path) -> _OpenPipe:
        # Otherwise opening waits for a writer, and reading for text, and neither can be interrupted.
        stream = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb", buffering=0)
        return _OpenPipe(stream, self._new_position(stream), self._options, path)

    def _candidates(self) -> Iterator[Path]:
        position = self._position
        if position is not None and not _is_log_of(self._path, position):
            try:
                others = sorted(self._path.parent.glob(f"{escape(self._path.name)}?*"))
            except OSError:
                others = []
            yield from (one for one in others if _is_log_of(one, position) and one.stat().st_size > position.offset)
        yield self._path

    def _new_position(self, stream: BinaryIO) -> TailPosition:
        inode = os.fstat(stream.fileno()).st_ino
        name = f"{self._path.absolute()}\x1f{inode}\x1f{time.time_ns()}"
        return TailPosition(hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest(), inode)


class _OpenLog:
    """One open file that is followed."""

    def __init__(self, stream: BinaryIO, saved: TailPosition, options: ReadOptions, path: Path) -> None:
        self._stream = stream
        self._saved = saved
        template = options.template(str(path), path.name, saved.key)
        jsonl = options.reads_json_lines(path.name)
        self._text = _Lines(template, saved.start) if jsonl else _Reports(template, saved.start)
        self._decoder = incremental_decoder(saved.encoding) if saved.encoding else None
        self._offset = saved.offset
        # Pairs of characters and bytes read so far that correspond, and the length of the text by time.
        self._marks: deque[tuple[int, int]] = deque()
        self._growth: deque[tuple[float, int]] = deque()

    def close(self) -> None:
        self._stream.close()

    @property
    def is_waiting(self) -> bool:
        """Whether text is too recent to be complete."""
        return bool(self._growth)

    def position(self) -> TailPosition:
        """The last position known in bytes before which everything has been returned."""
        while self._marks and self._marks[0][0] <= self._text.start:
            start, offset = self._marks.popleft()
            self._saved = replace(self._saved, start=start, offset=offset)
        return self._saved

    def is_emptied(self) -> bool:
        """Whether the file was truncated or overwritten."""
        return os.fstat(self._stream.fileno()).st_size < self._offset or not _begins(self._stream, self._saved)

    def is_renamed(self, path: Path) -> bool:
        """Whether another file has the name now; false while no file has it."""
        try:
            named = path.stat()
        except OSError:
            return False
        own = os.fstat(self._stream.fileno())
        return (named.st_ino, named.st_dev) != (own.st_ino, own.st_dev)

    def read(self, now: float) -> bool:
        """Read at most a chunk of new text; whether there was any."""
        data = self._chunk()
        if not data:
            return False
        if self._offset == len(self._saved.head) // 2 and self._offset < HEAD_LIMIT:
            self._saved = replace(self._saved, head=self._saved.head + data[: HEAD_LIMIT - self._offset].hex())
        self._offset += len(data)
        if self._decoder is None:
            encoding, mark = encoding_of(data[:LOOKED_AT]) or ("utf-8", 0)
            self._saved = replace(self._saved, encoding=encoding)
            self._decoder = incremental_decoder(encoding)
            data = data[mark:]
        line = data.rfind(b"\n") + 1
        begin = self._offset - len(data)
        for part, end in ((data[:line], begin + line), (data[line:], self._offset)):
            self._text.add(self._decoder.decode(part))
            length = self._text.start + self._text.size
            if not self._decoder.getstate()[0]:
                self._marks.append((length, end))
        self._growth.append((now, length))
        return True

    def _chunk(self) -> bytes:
        self._stream.seek(self._offset)
        return self._stream.read(CHUNK)

    def complete(self, before: float) -> Iterator[Submission]:
        """Reports within the text read before a time, and those of a long text that end well before its end."""
        until = None
        while self._growth and self._growth[0][0] <= before:
            until = self._growth.popleft()[1]
        if until is not None:
            yield from self._text.flush(until)
        yield from self._text.complete()

    def rest(self) -> Iterator[Submission]:
        """All remaining reports."""
        self._growth.clear()
        yield from self._text.flush(None)


class _OpenPipe(_OpenLog):
    """A named pipe: what was read is gone from it, and writers may come and go."""

    def is_emptied(self) -> bool:
        return False

    def _chunk(self) -> bytes:
        return self._stream.read(CHUNK) or b""


class _Reports:
    """A text that the parsers search for reports."""

    def __init__(self, template: Submission, start: int) -> None:
        self._template = template
        self._segmenter = ReportSegmenter(template.format)
        self._segmenter.start = start
        self.add = self._segmenter.add

    @property
    def start(self) -> int:
        return self._segmenter.start

    @property
    def size(self) -> int:
        return self._segmenter.size

    def flush(self, until: int | None) -> Iterator[Submission]:
        yield from (submission_at(one, self._template) for one in self._segmenter.flush(until))

    def complete(self) -> Iterator[Submission]:
        yield from (submission_at(one, self._template) for one in self._segmenter.feed(""))


class _Lines:
    """A text of JSON lines."""

    def __init__(self, template: Submission, start: int) -> None:
        self._template = template
        self._text = ""
        self.start = start

    @property
    def size(self) -> int:
        return len(self._text)

    def add(self, piece: str) -> None:
        self._text += piece

    def flush(self, until: int | None) -> Iterator[Submission]:
        """The finished lines; with ``None`` also an unfinished last one."""
        end = len(self._text) if until is None else self._text.rfind("\n") + 1
        position, text = 0, self._text
        while position < end:
            line, after = line_at(text, position, end)
            if line.strip():
                yield submission_of(line, replace(self._template, ordinal=self.start + position))
            position = after
        self._text, self.start = text[end:], self.start + end

    def complete(self) -> Iterator[Submission]:
        yield from self.flush(0)


def _read_position(file: Path) -> TailPosition | None:
    """The saved position; ``None`` if there is none or the file is damaged."""
    try:
        content = orjson.loads(file.read_bytes())
        return TailPosition(**{one.name: content[one.name] for one in fields(TailPosition)})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _begins(stream: BinaryIO, position: TailPosition) -> bool:
    """Whether a file still has the saved beginning."""
    stream.seek(0)
    return stream.read(HEAD_LIMIT).hex().startswith(position.head)


def _has_position(stream: BinaryIO, position: TailPosition) -> bool:
    """Whether an open file is the log of a saved position."""
    status = os.fstat(stream.fileno())
    return status.st_ino == position.inode and status.st_size >= position.offset and _begins(stream, position)


def _is_log_of(path: Path, position: TailPosition) -> bool:
    try:
        with path.open("rb") as stream:
            return _has_position(stream, position)
    except OSError:
        return False
