"""A recording as it was sent, whole or by byte ranges (RFC 9110, 14), so that a player can jump to the evidence."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.response import Stream

from qa.http.problems import refuse

_BLOCK_BYTES = 1 << 18
_RANGE = re.compile(r"bytes=([0-9]{0,20})-([0-9]{0,20})")  # more digits than any file has bytes

_SIGNATURES = (
    (b"RIFF", "audio/wav"),
    (b"fLaC", "audio/flac"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\x1a\x45\xdf\xa3", "audio/webm"),
)


def head(path: Path, *, name: str, sha256: str) -> dict[str, str]:
    """The headers of the whole recording at `path`."""
    return {
        "Accept-Ranges": "bytes",
        "Content-Disposition": f"inline; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Length": str(path.stat().st_size),
        "Content-Type": media_type(path),
        "ETag": f'"{sha256}"',
        "X-Content-Type-Options": "nosniff",
    }


def respond(request: Request[Any, Any, Any], path: Path, headers: dict[str, str]) -> Response[Any]:
    """The recording at `path`, or the range that the request asks for: 200, 206, or 416 for a range outside of it.

    A request for several ranges at once gets the whole, as the standard allows.
    """
    size_bytes = int(headers["Content-Length"])
    asked = request.headers.get("Range") if request.headers.get("If-Range") in (None, headers["ETag"]) else None
    found = _range(asked, size_bytes) if asked else None
    if found is None:
        return Stream(_blocks(path, 0, size_bytes), media_type=headers["Content-Type"], headers=headers)
    start, stop = found
    if start >= stop:
        error = refuse(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, f"the recording has {size_bytes} bytes")
        error.headers = {"Content-Range": f"bytes */{size_bytes}"}
        raise error
    return Stream(
        _blocks(path, start, stop),
        status_code=HTTPStatus.PARTIAL_CONTENT,
        media_type=headers["Content-Type"],
        headers={
            **headers,
            "Content-Length": str(stop - start),
            "Content-Range": f"bytes {start}-{stop - 1}/{size_bytes}",
        },
    )


def media_type(path: Path) -> str:
    """What a file of sound is, by its first bytes: its name may be wrong, and is not kept with it."""
    with path.open("rb") as file:
        head = file.read(12)
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if head[4:8] == b"ftyp":
        return "audio/mp4"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return "audio/mpeg"
    return "application/octet-stream"


def _range(asked: str, size_bytes: int) -> tuple[int, int] | None:
    """The half-open range that one `bytes=` asks for, empty where it lies outside; None where it is not understood."""
    found = _RANGE.fullmatch(asked.strip())
    if found is None or found[0] == "bytes=-":
        return None
    first, last = found.groups()
    if not first:
        return max(0, size_bytes - int(last)), size_bytes
    if last and int(last) < int(first):
        return None
    return int(first), min(size_bytes, int(last) + 1) if last else size_bytes


def _blocks(path: Path, start: int, stop: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        left = stop - start
        while left > 0 and (block := file.read(min(left, _BLOCK_BYTES))):
            left -= len(block)
            yield block
