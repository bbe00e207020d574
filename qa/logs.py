"""What the server logs: a line for each thing that happens, as text or as JSON, with what it is about.

    with logs.known(job_id=7, call_id="0123456789ab"):
        _log.info("scored", extra=logs.fields(duration_s=3.2))

What is `known` stands in every line from within, in threads that the framework runs for a request too. No line holds
what somebody has said, sent or asked, nor a secret: of an exception the type is told and where it came from, its text
only where that cannot quote any of it.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from qa.errors import NoWorker, StoreProblem, StoreUnavailable, WorkerLost
from transcription.errors import ModelProblem

Format = Literal["text", "json"]

_OURS = ("qa", "rubric", "transcription")
_QUOTING_NOBODY = (NoWorker, WorkerLost, ModelProblem, StoreUnavailable)
_ABOUT_THE_MACHINE = ("IOException", "OutOfMemoryException")  # DuckDB's; its other errors quote rows and queries

_TRACKER = "ignore::UserWarning:multiprocessing.resource_tracker"
"""A process of Python's own takes this over; it would print, in its own form, what ended workers have left."""

_ALWAYS = ("at", "level", "logger", "message")

_log = logging.getLogger(__name__)
_known: ContextVar[dict[str, Any] | None] = ContextVar("known", default=None)
_configured: Format | None = None


@contextmanager
def known(**about: Any) -> Iterator[None]:
    """What the lines from within are about; what was known outside is not, for it may be another request's."""
    token = _known.set(about)
    try:
        yield
    finally:
        _known.reset(token)


def tell(**about: Any) -> None:
    """Something more has come to be known, for all that is within the innermost `known`."""
    if (innermost := _known.get()) is not None:
        innermost.update(about)


def current() -> Mapping[str, Any]:
    """What is known here and now: plain values, which can be sent to another process."""
    return dict(_known.get() or {})


def fields(**of: Any) -> dict[str, Any]:
    """The fields of one line, as its `extra`."""
    return {"fields": of}


def configured() -> Format | None:
    """The form in which this process logs; None where nobody has chosen one."""
    return _configured


def configure(form: Format) -> None:
    """Log to stderr from now on, and with it what would else be printed there: warnings, errors that nobody catches."""
    global _configured  # noqa: PLW0603 - a process has one log
    _configured = form
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if form == "json" else _Text())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in _OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
    sys.warnoptions.append(_TRACKER)
    sys.excepthook = lambda _kind, error, _trace: _uncaught(error)
    sys.unraisablehook = lambda given: _uncaught(given.exc_value)
    threading.excepthook = lambda given: _uncaught(given.exc_value)


@contextmanager
def to_stderr(form: Format) -> Iterator[None]:
    """Log as `configure` says, until the block ends: a server may be a part of somebody's program."""
    global _configured  # noqa: PLW0603 - as above
    root = logging.getLogger()
    handlers = list(root.handlers)
    levels = {logger: logger.level for logger in (root, *map(logging.getLogger, _OURS))}
    hooks = sys.excepthook, sys.unraisablehook, threading.excepthook
    configure(form)
    try:
        yield
    finally:
        sys.excepthook, sys.unraisablehook, threading.excepthook = hooks
        logging.captureWarnings(capture=False)
        sys.warnoptions.remove(_TRACKER)
        root.handlers[:] = handlers
        for logger, level in levels.items():
            logger.setLevel(level)
        _configured = None


def said(error: BaseException) -> str:
    """An error in a few words that quote nothing: its type, and its text where that speaks of the machine alone."""
    name, cause = type(error).__name__, error.__cause__
    if isinstance(error, OSError):
        return f"{name}: {error.strerror}" if error.strerror else name
    if isinstance(error, _QUOTING_NOBODY) or type(error).__name__ in _ABOUT_THE_MACHINE:
        return f"{name}: {error}"
    of_machine = cause is None or isinstance(cause, OSError) or type(cause).__name__ in _ABOUT_THE_MACHINE
    return f"{name}: {error}" if type(error) is StoreProblem and of_machine else name


def trace(error: BaseException) -> str:
    """A traceback as Python prints it, of errors that it came from too, each in the words of `said`."""
    parts: list[str] = []
    seen: set[int] = set()
    left: BaseException | None = error
    while left is not None and id(left) not in seen:
        seen.add(id(left))
        inner = [trace(each) for each in left.exceptions] if isinstance(left, BaseExceptionGroup) else []
        parts.append("".join([*traceback.format_tb(left.__traceback__), said(left), *("\n" + each for each in inner)]))
        left = left.__cause__ or (None if left.__suppress_context__ else left.__context__)
    return "\n\nand from that:\n\n".join(reversed(parts))


class _Text(logging.Formatter):
    """`2026-03-02T10:02:03.123Z INFO qa.jobs.dispatcher: begun job_id=7 call_id=0123456789ab`."""

    def format(self, record: logging.LogRecord) -> str:
        line = _line(record)
        head = "{at} {level} {logger}: {message}".format(**{name: line.pop(name) for name in _ALWAYS})
        tail = f"\n{found}" if (found := line.pop("exception", None)) else ""
        return " ".join([head, *(f"{name}={value}" for name, value in line.items())]) + tail


class _Json(logging.Formatter):
    """One object a line."""

    def format(self, record: logging.LogRecord) -> str:
        return msgspec.json.encode(_line(record), enc_hook=str).decode()


def _line(record: logging.LogRecord) -> dict[str, Any]:
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    line = {"at": at, "level": record.levelname, "logger": record.name, "message": _message(record)}
    about = {**current(), **getattr(record, "fields", {})}
    line |= {name: value for name, value in about.items() if value is not None}
    if record.exc_info and record.exc_info[1] is not None:
        line["exception"] = trace(record.exc_info[1])
    return line


def _message(record: logging.LogRecord) -> str:
    """Others put what they were given behind the first line, and asyncio in brackets what a callback is given."""
    message = record.getMessage()
    if record.name.partition(".")[0] not in _OURS:
        message = message.partition("\n")[0]
    return message.partition("(")[0] if record.name == "asyncio" else " ".join(message.splitlines())


def _uncaught(error: BaseException | None) -> None:
    if error is not None and not isinstance(error, KeyboardInterrupt):
        _log.critical("an error that nobody has caught", exc_info=error)
