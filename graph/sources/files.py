"""Read submissions from files, folders and standard input."""

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
from graph.sources.encoding import encoding_of, incremental_decoder, text_of
from graph.sources.json_lines import rejected, submission_of
from graph.sources.submission import Submission

if TYPE_CHECKING:
    from graph.sources.stream import LocatedReport

STANDARD_INPUT = "-"
WHOLE_LIMIT = 256 << 10
"""Maximum size in bytes, unpacked, of a text read as one submission; a longer one is streamed, one submission per report."""
LINE_LIMIT = 32 << 20
"""Maximum size in bytes of a JSON line; of a longer one only the beginning is stored, as unparsed."""
WIDE_LIMIT = 256 << 20
"""Maximum size in bytes of JSON lines in UTF-16, which are read whole."""
KEPT = 1 << 20
"""Bytes stored of input that is too large to read."""
CHUNK = 1 << 20
JSON_LINES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
GZIP_MARK = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """Read options.

    ``jsonl`` is ``None`` to decide by the file name; product, version and site are defaults of every report.
    """

    format: str = "auto"
    jsonl: bool | None = None
    product: str | None = None
    version: str | None = None
    site: str | None = None

    def template(self, source: str, file_name: str | None = None, file_hash: str | None = None) -> Submission:
        """A submission with what all reports of a source have in common."""
        return Submission(
            source=source,
            file_name=file_name,
            file_hash=file_hash,
            format=self.format,
            product=self.product,
            version=self.version,
            site=self.site,
        )

    def reads_json_lines(self, name: str) -> bool:
        """Whether a source of this name holds JSON lines."""
        return self.jsonl if self.jsonl is not None else name.lower().endswith(JSON_LINES)


def read_path(path: str | Path, options: ReadOptions | None = None) -> Iterator[Submission]:
    """The submissions in a file, in all files below a folder (sorted, hidden ones skipped), or in standard input (``-``).

    One submission per text file and per JSON line. A text over :data:`WHOLE_LIMIT` is streamed in windows and gives one
    submission per report. Unreadable input becomes a submission with ``error``. ``InvalidInputError`` if the path does not
    exist.
    """
    options = options or ReadOptions()
    if str(path) == STANDARD_INPUT:
        yield from read_stream(sys.stdin.buffer, STANDARD_INPUT, options)
        return
    for file in files(path):
        yield from _read_file(file, options)


def files(path: str | Path) -> list[Path]:
    """The file itself, or the regular files below a folder, sorted. ``InvalidInputError`` if the path does not exist."""
    root = Path(path)
    try:
        if root.is_dir():
            return sorted(one for one in root.rglob("*") if not _is_hidden(one, root) and one.is_file())
        if root.exists():
            return [root]
    except OSError as error:
        raise InvalidInputError(f"{root}: cannot be accessed: {error.strerror or error}.") from error
    raise InvalidInputError(f"{root}: there is no such file or folder.")


def file_hash(path: Path) -> str | None:
    """SHA-256 of a regular file in hex; ``None`` for a pipe, which cannot be read twice."""
    if not path.is_file():
        return None
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_stream(
    stream: BinaryIO, source: str, options: ReadOptions, name: str | None = None, digest: str | None = None
) -> Iterator[Submission]:
    """The submissions in a stream of bytes, gzipped or not. ``digest`` is its SHA-256 if known in advance."""
    template = options.template(source, name, digest)
    hashed = _Hashed(stream)
    try:
        opened = _unpacked(hashed)
    except OSError as error:
        yield rejected("", f"cannot be read: {error}", template)
        return
    if options.reads_json_lines(name or source):
        yield from _json_lines(opened, template)
    else:
        yield from _text(opened, hashed, template)


def _read_file(path: Path, options: ReadOptions) -> Iterator[Submission]:
    try:
        digest = file_hash(path)
        with path.open("rb") as stream:
            yield from read_stream(stream, str(path), options, path.name, digest)
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
        yield rejected("", reason, options.template(str(path), path.name))


class _Hashed(io.RawIOBase):
    """A stream that hashes the bytes read through it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._sum = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # the base declares Buffer, which has no length
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


def _text(opened: io.BufferedReader, hashed: _Hashed, template: Submission) -> Iterator[Submission]:
    """The stream as one submission, or one per report if it is long."""
    start, damage = _read_up_to(opened, WHOLE_LIMIT + 1)
    if len(start) > WHOLE_LIMIT:
        yield from _long_text(opened, start, template)
        return
    text, binary = text_of(start)
    template = replace(template, file_hash=template.file_hash or hashed.digest())
    if damage or binary:
        yield rejected(text, damage or binary or "", template)
    else:
        yield replace(template, report=text)


def _read_up_to(opened: io.BufferedReader, size: int) -> tuple[bytes, str | None]:
    """At most ``size`` bytes, and the reason if the stream is damaged; what was unpacked before the damage is returned."""
    parts, left = [], size
    try:
        while left > 0 and (part := opened.read1(min(left, CHUNK))):
            parts.append(part)
            left -= len(part)
    except (OSError, EOFError, zlib.error) as error:
        return b"".join(parts), f"cannot be read to its end: {error}"
    return b"".join(parts), None


def _long_text(opened: io.BufferedReader, start: bytes, template: Submission) -> Iterator[Submission]:
    """One submission per report of a text that begins with ``start``, or one with the reason if there are no reports.

    Without a known hash, the stream is identified by the hash of its beginning.
    """
    template = replace(template, file_hash=template.file_hash or hashlib.sha256(start).hexdigest())
    encoding = encoding_of(start)
    if encoding is None:
        text, reason = text_of(start[:KEPT])
        yield rejected(text, reason or "binary: it is not text", template)
        return
    from graph.sources.stream import ReportSegmenter  # noqa: PLC0415  # loads every parser; short texts need none here

    segmenter, decoder = ReportSegmenter(template.format), incremental_decoder(encoding[0])
    beginning = decoder.decode(start[encoding[1] :])
    piece, damage, part = beginning, None, start
    while part:
        yield from (submission_at(one, template) for one in segmenter.feed(piece))
        part, damage = _read_up_to(opened, CHUNK)
        piece = decoder.decode(part, final=not part)
        if damage:
            break
    yield from (submission_at(one, template) for one in (*segmenter.feed(piece), *segmenter.flush()))
    if damage or not segmenter.count:
        rest = replace(template, ordinal=segmenter.start)
        yield rejected("" if segmenter.count else beginning, damage or segmenter.reason or "", rest)


def submission_at(located: LocatedReport, template: Submission) -> Submission:
    """The submission for one report of a long text, with the facts from its context, as it is parsed again without it."""
    report = located.report
    submission = replace(
        template, report=located.text, format=report.format, ordinal=located.start, environment=report.environment
    )
    return submission.completed_by(report)


def _json_lines(opened: io.BufferedReader, template: Submission) -> Iterator[Submission]:
    """One submission per line that is not blank."""
    ordinal = 0
    here = template
    try:
        for number, (line, is_whole) in enumerate(_raw_lines(opened), start=1):
            if not line.strip():
                continue
            here = replace(template, ordinal=ordinal)
            ordinal += 1
            if is_whole:
                yield submission_of(line, here, number)
            else:
                beginning = line[:KEPT].decode("utf-8", "backslashreplace")
                reason = (
                    f"line {number}: longer than {LINE_LIMIT >> 20} MiB, the limit for one line; only its beginning is kept"
                )
                yield rejected(beginning, reason, here)
    except (OSError, EOFError, zlib.error) as error:
        damaged = replace(here, ordinal=ordinal)
        yield rejected("", f"cannot be read to its end, {ordinal} lines were read: {error}", damaged)


def _raw_lines(opened: io.BufferedReader) -> Iterator[tuple[bytes, bool]]:
    """Each line as UTF-8, and whether it is whole: a line over the limit is cut."""
    first = opened.readline(LINE_LIMIT + 1)
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        # Windows shells redirect output as UTF-16; such files are small, so they are read whole.
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
