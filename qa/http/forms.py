"""Reads a multipart form as it arrives: the one file to where the caller puts it, the other parts as short texts.

The framework's own reader keeps parts without a file name in memory whole, and would write the file twice.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, NamedTuple

from anyio import to_thread
from litestar import Request
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from multipart import (  # type: ignore[import-untyped]  # it brings no types
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
)

from qa.http.problems import refuse

OVERHEAD_BYTES = 1 << 16
"""What a form may be larger than its file: the fields and the boundaries."""

_FIELD_BYTES = 4096
_PARTS = 30
_BLOCK_BYTES = 1 << 20

Write = Callable[[bytes], object]


class Form(NamedTuple):
    """The fields of a form, and the name that its file came with, without folders."""

    fields: dict[str, str]
    filename: str


async def receive(
    request: Request[Any, Any, Any], *, file: str, names: tuple[str, ...], write: Write, limit_bytes: int
) -> Form:
    """Read the form of a request. The part `file` goes to `write`, in a thread and by the megabyte.

    Raises HTTPException: 415 for what is no form, 413 for a file over `limit_bytes`, 400 for a part that is missing,
    twice there, too long, or not among `names`.
    """
    kind, options = request.content_type
    if kind != "multipart/form-data" or not options.get("boundary"):
        message = f"send a form (multipart/form-data) with the part {file}; with curl: -F {file}=@FILE"
        raise refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, message)
    reader = _Reader(file, names, write, limit_bytes)
    try:
        with PushMultipartParser(options["boundary"], max_segment_count=_PARTS) as parser:
            async for chunk in request.stream():
                if chunk:
                    for event in parser.parse(chunk):
                        reader.take(event)
                    await reader.flush(_BLOCK_BYTES)
        await reader.flush(1)
    except MultipartError as error:
        message = f"the form cannot be read ({error}); was it sent whole?"
        raise refuse(HTTPStatus.BAD_REQUEST, message) from error
    except RequestEntityTooLarge as error:
        raise _too_large(file, limit_bytes) from error
    if reader.filename is None:
        raise refuse(HTTPStatus.BAD_REQUEST, f"the part {file} is missing; with curl: -F {file}=@FILE")
    return Form(reader.fields, reader.filename)


async def receive_raw(request: Request[Any, Any, Any], *, write: Write, limit_bytes: int) -> None:
    """Write the body of a request as it comes, in a thread and by the megabyte; raises HTTPException (413)."""
    pending, size_bytes = bytearray(), 0
    try:
        async for chunk in request.stream():
            size_bytes += len(chunk)
            if size_bytes > limit_bytes:
                raise _too_large("recording", limit_bytes)
            pending += chunk
            if len(pending) >= _BLOCK_BYTES:
                block, pending = bytes(pending), bytearray()
                await to_thread.run_sync(write, block)
    except RequestEntityTooLarge as error:
        raise _too_large("recording", limit_bytes) from error
    await to_thread.run_sync(write, bytes(pending))


class _Reader:
    """The form so far."""

    def __init__(self, file: str, names: tuple[str, ...], write: Write, limit_bytes: int) -> None:
        self.fields: dict[str, str] = {}
        self.filename: str | None = None
        self._file, self._names, self._write, self._limit_bytes = file, names, write, limit_bytes
        self._part = ""
        self._text = bytearray()
        self._pending = bytearray()
        self._size_bytes = 0

    def take(self, event: MultipartSegment | bytes | bytearray | None) -> None:
        """The next of what the parser found: the head of a part, some of its bytes, or None for its end."""
        if isinstance(event, MultipartSegment):
            self._begin(event)
        elif event is None:
            self._end()
        elif self._part == self._file:
            self._size_bytes += len(event)
            if self._size_bytes > self._limit_bytes:
                raise _too_large(self._file, self._limit_bytes)
            self._pending += event
        else:
            self._text += event
            if len(self._text) > _FIELD_BYTES:
                raise refuse(HTTPStatus.BAD_REQUEST, f"the field {self._part} is longer than {_FIELD_BYTES} bytes")

    async def flush(self, at_least_bytes: int) -> None:
        """Write what has come of the file, once it is worth a thread."""
        if len(self._pending) >= at_least_bytes:
            block, self._pending = bytes(self._pending), bytearray()
            await to_thread.run_sync(self._write, block)

    def _begin(self, segment: MultipartSegment) -> None:
        self._part = segment.name or ""
        if self._part == self._file:
            if self.filename is not None:
                raise refuse(HTTPStatus.BAD_REQUEST, f"the part {self._file} is there twice; send one at a time")
            if not segment.filename:
                message = f"the part {self._file} is a text, not a file; with curl: -F {self._file}=@FILE"
                raise refuse(HTTPStatus.BAD_REQUEST, message)
            self.filename = segment.filename.replace("\\", "/").rpartition("/")[2] or self._file
        elif self._part not in self._names:
            message = f"the field {self._part!r} is not known; the file is {self._file}, the fields are "
            raise refuse(
                HTTPStatus.BAD_REQUEST, message + ", ".join(name for name in self._names if name != self._file)
            )
        elif self._part in self.fields:
            raise refuse(HTTPStatus.BAD_REQUEST, f"the field {self._part} is there twice")

    def _end(self) -> None:
        if self._part == self._file:
            return
        try:
            self.fields[self._part] = self._text.decode()
        except UnicodeDecodeError as error:
            raise refuse(HTTPStatus.BAD_REQUEST, f"the field {self._part} is not text in UTF-8") from error
        self._text.clear()


def _too_large(file: str, limit_bytes: int) -> Exception:
    message = f"the {file} is larger than the limit of {limit_bytes / 1e6:,.6g} MB (the setting max_upload_bytes)"
    return refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message)
