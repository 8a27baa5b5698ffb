"""Decode bytes to text without loss: detect the encoding, or recognise binary data."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

LOOKED_AT = 65_536
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
UNMARKED = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
# Single-byte and East Asian encodings of logs; guesses outside this list are wrong more often than right.
GUESSED = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp932", "gb18030", "big5", "cp949", "koi8_r"]
# With fewer non-ASCII bytes than this, a guess is no better than the most common encoding.
HIGH_BYTES_NEEDED = 24
HIGH = re.compile(rb"[\x80-\xff]")
CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def text_of(data: bytes) -> tuple[str, str | None]:
    """The text, and the reason if the data is not text (else ``None``).

    UTF-8, UTF-16 and UTF-32 are recognised by byte order mark or by shape, other encodings are guessed. Invalid bytes in
    UTF-8 become hexadecimal escapes, and so do the first bytes of a binary file.
    """
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "backslashreplace" if encoding == "utf-8-sig" else "replace"), None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _other(data)
    if "\x00" in text[:LOOKED_AT]:
        return _other(data)
    return (text, None) if not _is_binary(data) else (_shown(data), "binary: it is not text")


def encoding_of(start: bytes) -> tuple[str, int] | None:
    """The encoding of a text by its beginning, and the length of its byte order mark; ``None`` if it is not text.

    For texts too long to hold; :func:`incremental_decoder` decodes the rest.
    """
    for mark, encoding in MARKS:
        if start.startswith(mark):
            return UNMARKED.get(mark, encoding), len(mark)
    start = start[:LOOKED_AT]
    wide = _wide(start)
    if wide:
        return wide, 0
    if _is_binary(start):
        return None
    try:
        start[:-4].decode("utf-8")
    except UnicodeDecodeError:
        return ("utf-8", 0) if _mostly_utf8(start) else (_guess(start), 0)
    return "utf-8", 0


def incremental_decoder(encoding: str) -> codecs.IncrementalDecoder:
    """A decoder for a text that comes in pieces; invalid bytes become hexadecimal escapes."""
    return codecs.getincrementaldecoder(encoding)("backslashreplace")


def _other(data: bytes) -> tuple[str, str | None]:
    start = data[:LOOKED_AT]
    wide = _wide(start)
    if wide:
        return data.decode(wide, "replace"), None
    if _is_binary(data):
        return _shown(data), "binary: it is not text"
    if _mostly_utf8(start):
        return data.decode("utf-8", "backslashreplace"), None
    return _guessed(data, start), None


def _wide(start: bytes) -> str:
    """UTF-16 without a byte order mark: in Latin text every second byte is zero."""
    half = len(start) // 2
    if half < 2:
        return ""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if odd > half * 0.6 and even < half * 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > half * 0.6 and odd < half * 0.1 else ""


def _is_binary(data: bytes) -> bool:
    start = data[:LOOKED_AT]
    return bool(start) and len(CONTROL.findall(start)) * 50 > len(start)


def _mostly_utf8(start: bytes) -> bool:
    """Whether at least half of the bytes beyond ASCII form valid UTF-8."""
    high = len(HIGH.findall(start))
    valid = start.decode("utf-8", "ignore").encode("utf-8")
    return len(HIGH.findall(valid)) * 2 >= high


def _guessed(data: bytes, start: bytes) -> str:
    for encoding in (_guess(start), "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            pass
    return data.decode("latin-1")


def _guess(start: bytes) -> str:
    if len(HIGH.findall(start)) >= HIGH_BYTES_NEEDED:
        best = from_bytes(start, cp_isolation=GUESSED).best()
        if best is not None:
            return best.encoding
    return "cp1252"


def _shown(data: bytes) -> str:
    return data[:4096].decode("ascii", "backslashreplace")
