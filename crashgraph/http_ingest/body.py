"""The body of a request: read up to a limit, unpacked up to another."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from graph.model.errors import InvalidInputError, TooLargeError

if TYPE_CHECKING:
    from starlette.requests import Request

SENT_LIMIT = 32 << 20
"""Bytes of a body as it is sent."""
UNPACKED_LIMIT = 100 << 20
"""Bytes of a body after unpacking: an envelope may carry attachments, which are thrown away."""
CHUNK = 1 << 20
ENCODINGS = "gzip, deflate, br"


async def read_body(request: Request) -> bytes:
    """The unpacked body. ``TooLargeError`` over a limit, ``InvalidInputError`` when it cannot be unpacked."""
    _check_length(request.headers.get("content-length", ""))
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > SENT_LIMIT:
            raise TooLargeError(_too_large("The request", SENT_LIMIT))
        parts.append(part)
    return unpacked(b"".join(parts), request.headers.get("content-encoding", ""))


def unpacked(data: bytes, encodings: str) -> bytes:
    """The data without its encodings, which are named in the order they were applied."""
    for encoding in reversed([name.strip().lower() for name in encodings.split(",")]):
        if encoding in {"", "identity"}:
            continue
        if encoding not in {"gzip", "x-gzip", "deflate", "br"}:
            raise InvalidInputError(
                f"Content-Encoding: {encoding[:40]!r} is not understood; send {ENCODINGS} or nothing packed"
            )
        data = _joined(_brotli(data) if encoding == "br" else _zlib(data), encoding)
    return data


def _check_length(told: str) -> None:
    if told.isdecimal() and int(told[:20]) > SENT_LIMIT:
        raise TooLargeError(_too_large("The request", SENT_LIMIT))


def _joined(parts: Iterator[bytes], encoding: str) -> bytes:
    found: list[bytes] = []
    size = 0
    try:
        for part in parts:
            size += len(part)
            if size > UNPACKED_LIMIT:
                raise TooLargeError(_too_large("The unpacked request", UNPACKED_LIMIT))
            found.append(part)
    except (zlib.error, EOFError) as error:
        raise InvalidInputError(f"the body is not {encoding}, as Content-Encoding says: {error}") from error
    return b"".join(found)


def _zlib(data: bytes) -> Iterator[bytes]:
    """Unpack gzip, or deflate with or without the frame of zlib, a chunk at a time."""
    raw = len(data) > 1 and data[:2] != b"\x1f\x8b" and (data[0] & 15 != 8 or (data[0] << 8 | data[1]) % 31)
    while data:
        packed = zlib.decompressobj(-zlib.MAX_WBITS if raw else zlib.MAX_WBITS | 32)
        while not packed.eof:
            part = packed.decompress(data, CHUNK)
            data = packed.unconsumed_tail
            if not part and not data and not packed.eof:
                raise EOFError("it ends too early")
            yield part
        # A gzip file may have several members, one behind the other.
        data = packed.unused_data.lstrip(b"\0") if not raw else b""


def _brotli(data: bytes) -> Iterator[bytes]:
    import brotli

    packed = brotli.Decompressor()
    try:
        yield packed.process(data, output_buffer_limit=CHUNK)
        while not packed.is_finished():
            part = packed.process(b"", output_buffer_limit=CHUNK)
            if not part and packed.can_accept_more_data():
                raise EOFError("it ends too early")
            yield part
    except brotli.error as error:
        raise EOFError("it is damaged") from error


def _too_large(what: str, limit: int) -> str:
    return f"{what} is larger than {limit >> 20} MiB; use `crashgraph ingest` for large files"
