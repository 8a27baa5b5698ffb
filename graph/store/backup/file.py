"""The file of a backup: gzipped lines of JSON.

The first line is the header (format, time, position of the last event, schema, and what belongs to the home). Then come a
line per node (``["n", id, labels, properties]``), per relationship (``["r", type, start, end, properties]``) and per record
of the spool (``["s", layout, reports, received_at, content]``), and the footer with their numbers, the SHA-256 of all lines
before it, and a digest of the graph that does not depend on ids or order.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import shutil
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from graph.model.errors import InvalidInputError, NotFoundError
from graph.model.quoting import quoted
from graph.store.backup.numbered import NumberedValues

FAMILY, VERSION = "crashgraph-backup-", 1
FORMAT = f"{FAMILY}{VERSION}"
NODE, RELATIONSHIP, WAITING, FOOTER = "n", "r", "s", "end"
LEVEL = 5
DIGEST = 16
"""Bytes of the digest of a node or relationship."""
LARGEST_NUMBER = 1 << 40
"""Of a node in a file; Neo4j numbers nodes from 0."""
MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class BackupContent:
    """What a backup holds. ``digest`` is the same for any two graphs with equal nodes and relationships.

    ``waiting`` is the number of reports that were not in the graph yet; it is no part of the graph and not compared.
    """

    nodes: int
    relationships: int
    digest: str
    waiting: int = field(default=0, compare=False)


class ContentDigest:
    """The digest of nodes and relationships as they are read. Use as a context manager."""

    def __init__(self) -> None:
        """Empty."""
        self._nodes = NumberedValues(DIGEST)
        self._counts = {NODE: 0, RELATIONSHIP: 0, WAITING: 0}
        self._sum = 0

    def add(self, line: list[Any]) -> None:
        """A line of the file. ``KeyError`` for a relationship of unknown nodes, ``ValueError`` for an impossible number."""
        if line[0] == WAITING:
            self._counts[WAITING] += line[2]
        elif line[0] == NODE:
            _, id, labels, properties = line
            if not 0 <= id < LARGEST_NUMBER:
                raise ValueError(id)
            self._nodes[id] = self._added(orjson.dumps([sorted(labels), properties], option=orjson.OPT_SORT_KEYS))
            self._counts[NODE] += 1
        else:
            _, type_, start, end, properties = line
            ends = self._nodes[start] + self._nodes[end]
            self._added(ends + orjson.dumps([type_, properties], option=orjson.OPT_SORT_KEYS))
            self._counts[RELATIONSHIP] += 1

    def _added(self, data: bytes) -> bytes:
        digest = hashlib.blake2b(data, digest_size=DIGEST).digest()
        self._sum = (self._sum + int.from_bytes(digest, "big")) % (1 << 8 * DIGEST)
        return digest

    @property
    def content(self) -> BackupContent:
        """The content so far."""
        nodes, relationships, waiting = self._counts.values()
        return BackupContent(nodes, relationships, f"{self._sum:032x}", waiting)

    def __enter__(self) -> Self:
        """Nothing to do: it can be added to."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Forget the nodes; ``content`` stays."""
        self._nodes.__exit__(kind, error, trace)


class BackupWriter:
    """Writes one file, readable by its owner only. ``InvalidInputError`` if that fails, such as for a full disk."""

    def __init__(self, path: Path, header: dict[str, Any], target: Path, reserve: int = 0) -> None:
        """``target`` is the final name of the file; ``reserve`` is the number of bytes of its disk that stay free."""
        self._path = target
        self._reserve = reserve
        self._sum = hashlib.sha256()
        with written(target):
            self._check_room()
            self._raw = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._digest = ContentDigest()
        with written(target):
            self._file = gzip.GzipFile(filename="", fileobj=self._raw, mode="wb", compresslevel=LEVEL, mtime=0)
            self._write({"format": FORMAT, **header})

    def add_all(self, lines: Iterable[list[Any]]) -> None:
        """Lines between header and footer."""
        with written(self._path):
            self._check_room()
            for line in lines:
                self._digest.add(line)
                self._write(line)

    def finish(self) -> BackupContent:
        """Write the footer; the file is on the disk then, whatever happens to the machine."""
        content = self._digest.content
        footer = {
            "nodes": content.nodes,
            "relationships": content.relationships,
            "digest": content.digest,
            "waiting": content.waiting,
        }
        with written(self._path):
            self._write([FOOTER, {**footer, "sha256": self._sum.hexdigest()}])
            self._file.close()
            self._raw.flush()
            os.fsync(self._raw.fileno())
        self.close()
        return content

    def close(self) -> None:
        """Close the file, whether or not it is complete."""
        self._digest.__exit__(None, None, None)
        # What it still holds back does not matter any more, so a full disk does not either.
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):
            self._raw.close()

    def _write(self, line: object) -> None:
        data = orjson.dumps(line) + b"\n"
        self._sum.update(data)
        self._file.write(data)

    def _check_room(self) -> None:
        folder = self._path.parent
        if self._reserve and shutil.disk_usage(folder).free < self._reserve:
            raise OSError(errno.ENOSPC, f"less than {self._reserve >> 20:,} MiB are free on the disk of {folder}")


@contextmanager
def written(path: Path) -> Iterator[None]:
    """Run a block that writes the file of a backup."""
    try:
        yield
    except OSError as error:
        raise InvalidInputError(f"the backup {path} cannot be written: {error.strerror or error}") from error


def is_backup_file(path: Path) -> bool:
    """Whether the file begins as one of these backups, of this or another version."""
    # To open a pipe would wait for a writer.
    with suppress(OSError, EOFError, zlib.error), gzip.open(path if path.is_file() else os.devnull) as file:
        return file.read(64).startswith(f'{{"format":"{FAMILY}'.encode())
    return False


def read_header(path: Path) -> dict[str, Any]:
    """The header. ``InvalidInputError`` if the file is no backup, or of a version that this one cannot read."""
    if not path.is_file():
        raise NotFoundError(f"there is no backup {path}")
    if not is_backup_file(path):
        raise InvalidInputError(f"{path} is not a backup that crashgraph can restore")
    with _reading(path), gzip.open(path) as file:
        header: dict[str, Any] = orjson.loads(file.readline())
        if header["format"] != FORMAT:
            newer = f"{path} is a backup of the format {quoted(header['format'])}, and this crashgraph reads {FORMAT}"
            raise InvalidInputError(f"{newer}; restore it with the version that wrote it, or a newer one")
        return header


def read_lines(path: Path, digest: ContentDigest | None = None) -> Iterator[list[Any]]:
    """The lines between header and footer. ``InvalidInputError`` at the end, or before, if the file is damaged.

    Nodes and relationships are added to ``digest`` before they are yielded.
    """
    read_header(path)
    sum_ = hashlib.sha256()
    with _reading(path), nullcontext(digest) if digest else ContentDigest() as content, gzip.open(path) as file:
        sum_.update(file.readline())
        for data in file:
            line = orjson.loads(data)
            if line[0] == FOOTER:
                _check(path, line[1], content.content, sum_.hexdigest())
                return
            sum_.update(data)
            content.add(line)
            yield line
    raise InvalidInputError(f"the backup {path} is incomplete: it has no end; use another one")


def read_waiting(path: Path) -> Iterator[list[Any]]:
    """The lines with records of the spool, of a file that was checked."""
    start = orjson.dumps([WAITING])[:-1] + b","
    with _reading(path), gzip.open(path) as file:
        yield from (orjson.loads(data) for data in file if data.startswith(start))


def check_file(path: Path) -> BackupContent:
    """Read the whole file and compare its checksums."""
    with ContentDigest() as digest:
        for _ in read_lines(path, digest):
            pass
        return digest.content


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except (gzip.BadGzipFile, EOFError, zlib.error, ValueError, LookupError, TypeError) as error:
        raise InvalidInputError(f"the backup {path} is damaged ({type(error).__name__}); use another one") from error
    except OSError as error:
        where = f"see to it, and to the disk of {tempfile.gettempdir()}"
        raise InvalidInputError(f"the backup {path} cannot be read ({error.strerror or error}); {where}") from error


def _check(path: Path, footer: dict[str, Any], content: BackupContent, sum_: str) -> None:
    stated = BackupContent(footer["nodes"], footer["relationships"], footer["digest"])
    if (footer["sha256"], stated, footer["waiting"]) != (sum_, content, content.waiting):
        raise InvalidInputError(f"the backup {path} is damaged: its checksum does not match; use another one")
