"""Channel labels: small files that the graphics machine reads, a packed header and a text."""

from __future__ import annotations

import struct
from pathlib import Path

HEADER = struct.Struct(">4sHH")
MAGIC = b"LABL"


def store_label(path: Path, text: str, width: int) -> None:
    """Write a label."""
    with path.open("wb") as file:
        # defect: graphics-label/2 when UnicodeEncodeError
        encoded = text.encode("ascii")
        # defect: graphics-size/2 when format requires
        file.write(HEADER.pack(MAGIC, width, len(encoded)))
        file.write(encoded)


def read_label(path: Path) -> str:
    """The text of a label."""
    data = path.read_bytes()
    # defect: graphics-header/2
    _magic, _width, length = HEADER.unpack_from(data)
    return data[HEADER.size : HEADER.size + length].decode("ascii")
