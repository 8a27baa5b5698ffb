"""Where submissions come from: a file, a folder, or standard input."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from graph.model.errors import InvalidInputError
from graph.sources.encoding import encoding_of, pieces, text_of
from graph.sources.json_lines import Line, rejected, submission_of
from graph.sources.submission import Submission

if TYPE_CHECKING:
    from graph.sources.stream import LocatedReport

STANDARD_INPUT = "-"
WHOLE_LIMIT = 256 << 10
"""Bytes of a text, unpacked, that is one submission; a longer one is read piece by piece, each of its reports a submission."""
LINE_LIMIT = 32 << 20
"""Bytes of one JSON line that are read; a longer one is kept as unparsed with its beginning."""
WIDE_LIMIT = 256 << 20
"""Bytes of JSON lines in UTF-16 that are read."""
KEPT = 1 << 20
"""Bytes kept of what is too large to read."""
CHUNK = 1 << 20
JSON_LINES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
GZIP_MARK = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read. ``jsonl`` is ``None`` to go by the file's name; product, version and site hold where a line has none."""

    format: str = "auto"
    jsonl: bool | None = None
    product: str | None = None
    version: str | None = None
    site: str | None = None


def read_path(path: str | Path, options: ReadOptions | None = None) -> Iterator[Submission]:
    """The submissions in a file, in the files of a folder and its folders (sorted, hidden ones skipped), or in ``-``.

    One submission for each text file and for each JSON line; a text with several reports is one submission, unless it is
    long: then each report is one, and no more than a window of the text is held at a time.
    What cannot be read becomes a submission with ``error``. Raises InvalidInputError when there is no such path.
    """
    options = options or ReadOptions()
    if str(path) == STANDARD_INPUT:
        yield from read_stream(sys.stdin.buffer, STANDARD_INPUT, options)
        return
    for file in files(path):
        yield from _read_file(file, options)


def files(path: str | Path) -> list[Path]:
    """The file itself, or the regular files below a folder in order. Raises InvalidInputError when there is no such path."""
    root = Path(path)
    try:
        if root.is_dir():
            return sorted(one for one in root.rglob("*") if not _is_hidden(one, root) and one.is_file())
        if root.exists():
            return [root]
    except OSError as error:
        raise InvalidInputError(f"{root}: cannot be looked at: {error.strerror or error}.") from error
    raise InvalidInputError(f"{root}: there is no such file or folder.")


def file_hash(path: Path) -> str | None:
    """SHA-256 of a regular file in hex; ``None`` for a pipe, which can be read only once."""
    if not path.is_file():
        return None
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_stream(
    stream: BinaryIO, source: str, options: ReadOptions, name: str | None = None, digest: str | None = None
) -> Iterator[Submission]:
    """The submissions in a stream of bytes, packed with gzip or not. ``digest`` is its SHA-256 where that is known before."""
    origin = Line(source, 0, 1, digest, name, options.format, options.product, options.version, options.site)
    jsonl = options.jsonl if options.jsonl is not None else (name or source).lower().endswith(JSON_LINES)
    hashed = _Hashed(stream)
    try:
        opened = _unpacked(hashed)
    except OSError as error:
        yield rejected("", f"cannot be read: {error}", origin)
        return
    if jsonl:
        yield from _json_lines(opened, origin)
    else:
        yield from _text(opened, hashed, origin)


def _read_file(path: Path, options: ReadOptions) -> Iterator[Submission]:
    try:
        digest = file_hash(path)
        with path.open("rb") as stream:
            yield from read_stream(stream, str(path), options, path.name, digest)
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
        yield rejected("", reason, Line(str(path), file_name=path.name, format=options.format, site=options.site))


class _Hashed(io.RawIOBase):
    """A stream that sums up what is read through it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._sum = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # the base says Buffer, which has no length
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self._sum.update(data)
        return len(data)

    def digest(self) -> str:
        return self._sum.hexdigest()


def _unpacked(stream: io.RawIOBase) -> io.BufferedReader:
    buffered = io.BufferedReader(stream, CHUNK)
    if buffered.peek(2)[:2] == GZIP_MARK:
        return cast("io.BufferedReader", gzip.GzipFile(fileobj=buffered, mode="rb"))
    return cast("io.BufferedReader", buffered)


def _text(opened: io.BufferedReader, hashed: _Hashed, origin: Line) -> Iterator[Submission]:
    """The stream as one submission, or one for each report in it where it is long."""
    start, damage = _read_most(opened, WHOLE_LIMIT + 1)
    if len(start) > WHOLE_LIMIT:
        yield from _long_text(opened, start, origin)
        return
    text, binary = text_of(start)
    origin = replace(origin, file_hash=origin.file_hash or hashed.digest())
    if damage or binary:
        yield rejected(text, damage or binary or "", origin)
    else:
        yield _submission(text, origin)


def _read_most(opened: io.BufferedReader, size: int) -> tuple[bytes, str | None]:
    """So many bytes or all there are, and why there are no more where the stream is damaged."""
    parts, left = [], size
    try:
        while left > 0 and (part := opened.read1(min(left, CHUNK))):
            parts.append(part)
            left -= len(part)
    except (OSError, EOFError, zlib.error) as error:
        # What was unpacked before the damage is kept.
        return b"".join(parts), f"cannot be read to its end: {error}"
    return b"".join(parts), None


def _long_text(opened: io.BufferedReader, start: bytes, origin: Line) -> Iterator[Submission]:
    """One submission for each report of a text that begins so; one with the reason where there is none.

    A stream that has no sum before it is read is known by its beginning.
    """
    origin = replace(origin, file_hash=origin.file_hash or hashlib.sha256(start).hexdigest())
    encoding = encoding_of(start)
    if encoding is None:
        yield rejected(*_told(text_of(start[:KEPT])), origin)
        return
    from graph.sources.stream import ReportSegmenter  # noqa: PLC0415  # loads every parser; short texts need none here

    segments, decoder = ReportSegmenter(origin.format), pieces(encoding[0])
    kept = decoder.decode(start[encoding[1] :])
    piece, damage, part = kept, None, start
    while part:
        yield from (located(one, origin) for one in segments.feed(piece))
        part, damage = _read_most(opened, CHUNK)
        piece = decoder.decode(part, final=not part)
        if damage:
            break
    yield from (located(one, origin) for one in (*segments.feed(piece), *segments.settled()))
    if damage or not segments.found:
        place = replace(origin, ordinal=segments.start)
        yield rejected("" if segments.found else kept, damage or segments.reason or "", place)


def _told(read: tuple[str, str | None]) -> tuple[str, str]:
    return read[0], read[1] or "binary: it is not text"


def located(found: LocatedReport, origin: Line) -> Submission:
    """A report of a long text; what its surroundings said of it goes along, since it is read again without them."""
    report = found.report
    return replace(
        _submission(found.text, origin),
        format=report.format,
        ordinal=found.start,
        product=origin.product or report.product,
        version=origin.version or report.version,
        site=origin.site or report.site,
        user=report.user,
        session=report.session,
        environment=report.environment,
    )


def _submission(text: str, origin: Line) -> Submission:
    return Submission(
        report=text,
        product=origin.product,
        version=origin.version,
        site=origin.site,
        file_name=origin.file_name,
        source=origin.source,
        file_hash=origin.file_hash,
        ordinal=origin.ordinal,
        format=origin.format,
    )


def _json_lines(opened: io.BufferedReader, origin: Line) -> Iterator[Submission]:
    """One submission for each line that is not blank."""
    ordinal = 0
    place = origin
    try:
        for number, (line, whole) in enumerate(_raw_lines(opened), start=1):
            if not line.strip():
                continue
            place = replace(origin, ordinal=ordinal, number=number)
            ordinal += 1
            if whole:
                yield submission_of(line, place)
            else:
                most = f"{LINE_LIMIT >> 20} MiB, which is the most that is read of one line"
                kept = line[:KEPT].decode("utf-8", "backslashreplace")
                yield rejected(kept, f"line {number}: longer than {most}; only its beginning is kept", place)
    except (OSError, EOFError, zlib.error) as error:
        damaged = replace(place, ordinal=ordinal)
        yield rejected("", f"cannot be read to its end, {ordinal} lines were read: {error}", damaged)


def _raw_lines(opened: io.BufferedReader) -> Iterator[tuple[bytes, bool]]:
    """Each line as UTF-8, and whether it is whole: of a line over the limit only the beginning is given."""
    first = opened.readline(LINE_LIMIT + 1)
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        # Shells on Windows write this; such files are small, so they are read whole.
        text, _ = text_of(first + opened.read(WIDE_LIMIT))
        yield from ((line.encode("utf-8", "replace"), True) for line in text.split("\n"))
        return
    line = first.removeprefix(codecs.BOM_UTF8)
    while line:
        whole = len(line) <= LINE_LIMIT
        yield line, whole
        if not whole:
            _skip_line(opened, line)
        line = opened.readline(LINE_LIMIT + 1)


def _skip_line(opened: io.BufferedReader, line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = opened.readline(CHUNK)


def _is_hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)
