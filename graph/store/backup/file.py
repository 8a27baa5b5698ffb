"""The file of a backup: gzipped lines of JSON.

The first line is the header (format, time, position of the last event, schema, and what belongs to the home). Then come a
line per node (``["n", id, labels, properties]``), per relationship (``["r", type, start, end, properties]``) and per record
of the spool (``["s", layout, reports, received_at, content]``), and the footer with their numbers, the SHA-256 of all lines
before it, and a digest of the graph that does not depend on ids or order.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from graph.model.errors import InvalidInputError, NotFoundError

FORMAT = "crashgraph-backup-1"
NODE, RELATIONSHIP, WAITING, FOOTER = "n", "r", "s", "end"
LEVEL = 5
DIGEST = 16
"""Bytes of the digest of a node or relationship."""
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


@dataclass(slots=True)
class ContentDigest:
    """The digest of nodes and relationships as they are read."""

    nodes: dict[int, bytes] = field(default_factory=dict)
    relationships: int = 0
    waiting: int = 0
    _sum: int = 0

    def add(self, line: list[Any]) -> None:
        """A line of the file. ``KeyError`` for a relationship of unknown nodes."""
        if line[0] == WAITING:
            self.waiting += line[2]
        elif line[0] == NODE:
            _, id, labels, properties = line
            self.nodes[id] = self._added(orjson.dumps([sorted(labels), properties], option=orjson.OPT_SORT_KEYS))
        else:
            _, type_, start, end, properties = line
            ends = self.nodes[start] + self.nodes[end]
            self._added(ends + orjson.dumps([type_, properties], option=orjson.OPT_SORT_KEYS))
            self.relationships += 1

    def _added(self, data: bytes) -> bytes:
        digest = hashlib.blake2b(data, digest_size=DIGEST).digest()
        self._sum = (self._sum + int.from_bytes(digest, "big")) % (1 << 8 * DIGEST)
        return digest

    @property
    def content(self) -> BackupContent:
        """The content so far."""
        return BackupContent(len(self.nodes), self.relationships, f"{self._sum:032x}", self.waiting)


class BackupWriter:
    """Writes one file."""

    def __init__(self, path: Path, header: dict[str, Any]) -> None:
        """Readable by its owner only."""
        self._raw = path.open("xb")
        self._file = gzip.GzipFile(filename="", fileobj=self._raw, mode="wb", compresslevel=LEVEL, mtime=0)
        path.chmod(0o600)
        self._sum = hashlib.sha256()
        self._digest = ContentDigest()
        self._write({"format": FORMAT, **header})

    def add(self, line: list[Any]) -> None:
        """A line between header and footer."""
        self._digest.add(line)
        self._write(line)

    def finish(self) -> BackupContent:
        """Write the footer."""
        content = self._digest.content
        footer = {
            "nodes": content.nodes,
            "relationships": content.relationships,
            "digest": content.digest,
            "waiting": content.waiting,
        }
        self._write([FOOTER, {**footer, "sha256": self._sum.hexdigest()}])
        self.close()
        return content

    def close(self) -> None:
        """Close the file, whether or not it is complete."""
        self._file.close()
        self._raw.close()

    def _write(self, line: object) -> None:
        data = orjson.dumps(line) + b"\n"
        self._sum.update(data)
        self._file.write(data)


def is_backup_file(path: Path) -> bool:
    """Whether the file begins as one of these backups."""
    with suppress(OSError, EOFError, zlib.error), gzip.open(path) as file:
        return file.read(64).startswith(f'{{"format":"{FORMAT}"'.encode())
    return False


def read_header(path: Path) -> dict[str, Any]:
    """The header. ``InvalidInputError`` if the file is no backup."""
    if not path.is_file():
        raise NotFoundError(f"there is no backup {path}")
    if not is_backup_file(path):
        raise InvalidInputError(f"{path} is not a backup that crashgraph can restore")
    with gzip.open(path) as file:
        header: dict[str, Any] = orjson.loads(file.readline())
        return header


def read_lines(path: Path) -> Iterator[list[Any]]:
    """The lines between header and footer. ``InvalidInputError`` at the end, or before, if the file is damaged."""
    read_header(path)
    digest, sum_ = ContentDigest(), hashlib.sha256()
    try:
        with gzip.open(path) as file:
            sum_.update(file.readline())
            for data in file:
                line = orjson.loads(data)
                if line[0] == FOOTER:
                    _check(path, line[1], digest.content, sum_.hexdigest())
                    return
                sum_.update(data)
                digest.add(line)
                yield line
    except (OSError, EOFError, zlib.error, ValueError, KeyError, IndexError, TypeError) as error:
        raise InvalidInputError(f"the backup {path} is damaged ({type(error).__name__}); use another one") from error
    raise InvalidInputError(f"the backup {path} is incomplete: it has no end; use another one")


def check_file(path: Path) -> BackupContent:
    """Read the whole file and compare its checksums."""
    digest = ContentDigest()
    for line in read_lines(path):
        digest.add(line)
    return digest.content


def _check(path: Path, footer: dict[str, Any], content: BackupContent, sum_: str) -> None:
    stated = BackupContent(footer["nodes"], footer["relationships"], footer["digest"])
    if (footer["sha256"], stated, footer["waiting"]) != (sum_, content, content.waiting):
        raise InvalidInputError(f"the backup {path} is damaged: its checksum does not match; use another one")
