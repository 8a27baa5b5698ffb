"""Request bodies: read and decompressed up to limits."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from crashgraph.http_ingest.budget import held_by
from graph.model.errors import InvalidInputError, TooLargeError
from graph.model.quoting import quoted

if TYPE_CHECKING:
    from starlette.requests import Request

SENT_LIMIT = 32 << 20
"""Maximum size in bytes of a body as sent."""
UNPACKED_LIMIT = 100 << 20
"""Maximum size in bytes of a decompressed body; envelopes may carry attachments, which are discarded."""
CHUNK = 1 << 20
SMALL = 32 << 10
"""Bytes that are processed on the event loop: a millisecond or two."""
ENCODINGS = "gzip, deflate, br"

T = TypeVar("T")


async def read_body(request: Request) -> bytes:
    """The decompressed body.

    ``TooLargeError`` over a limit, ``BusyError`` if others leave no room for it, ``InvalidInputError`` if it cannot be
    decompressed.
    """
    _check_length(request.headers.get("content-length", ""))
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > SENT_LIMIT:
            raise TooLargeError(_too_large("The request", SENT_LIMIT))
        parts.append(part)
    held = held_by(request.scope)
    grow = held.grow if held else None
    return await off_loop(size, decompress, b"".join(parts), request.headers.get("content-encoding", ""), grow)


async def off_loop(size: int, function: Callable[..., T], *arguments: Any) -> T:
    """Call a function on input of ``size`` bytes, in a thread unless that is small."""
    if size <= SMALL:
        return function(*arguments)
    return await asyncio.to_thread(function, *arguments)


def decompress(data: bytes, encodings: str, grow: Callable[[int], None] | None = None) -> bytes:
    """Remove the content encodings, which are listed in the order they were applied.

    ``grow`` is called with the bytes so far, and raises if they are too many.
    """
    for encoding in reversed([name.strip().lower() for name in encodings.split(",")]):
        if encoding in {"", "identity"}:
            continue
        if encoding not in {"gzip", "x-gzip", "deflate", "br"}:
            raise InvalidInputError(f"Content-Encoding: {quoted(encoding)} is not supported; use {ENCODINGS} or none")
        data = _join(_brotli(data) if encoding == "br" else _zlib(data), encoding, grow)
    return data


def _check_length(header: str) -> None:
    if header.isdecimal() and int(header[:20]) > SENT_LIMIT:
        raise TooLargeError(_too_large("The request", SENT_LIMIT))


def _join(parts: Iterator[bytes], encoding: str, grow: Callable[[int], None] | None) -> bytes:
    chunks: list[bytes] = []
    size = 0
    try:
        for part in parts:
            size += len(part)
            if size > UNPACKED_LIMIT:
                raise TooLargeError(_too_large("The decompressed request", UNPACKED_LIMIT))
            if grow is not None:
                grow(size)
            chunks.append(part)
    except (zlib.error, EOFError) as error:
        raise InvalidInputError(f"the body is not {encoding} although Content-Encoding names it: {error}") from error
    return b"".join(chunks)


def _zlib(data: bytes) -> Iterator[bytes]:
    """Decompress gzip, or deflate with or without a zlib header, chunk by chunk."""
    raw = len(data) > 1 and data[:2] != b"\x1f\x8b" and (data[0] & 15 != 8 or (data[0] << 8 | data[1]) % 31)
    while data:
        decompressor = zlib.decompressobj(-zlib.MAX_WBITS if raw else zlib.MAX_WBITS | 32)
        while not decompressor.eof:
            part = decompressor.decompress(data, CHUNK)
            data = decompressor.unconsumed_tail
            if not part and not data and not decompressor.eof:
                raise EOFError("it is truncated")
            yield part
        # A gzip stream may consist of several members.
        data = decompressor.unused_data.lstrip(b"\0") if not raw else b""


def _brotli(data: bytes) -> Iterator[bytes]:
    import brotli

    decompressor = brotli.Decompressor()
    try:
        yield decompressor.process(data, output_buffer_limit=CHUNK)
        while not decompressor.is_finished():
            part = decompressor.process(b"", output_buffer_limit=CHUNK)
            if not part and decompressor.can_accept_more_data():
                raise EOFError("it is truncated")
            yield part
    except brotli.error as error:
        raise EOFError("it is damaged") from error


def _too_large(what: str, limit: int) -> str:
    return f"{what} is larger than {limit >> 20} MiB; use `crashgraph ingest` for large files"
