"""Room on the disk: how much there is, and whether it was for want of it that something could not be written."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from qa.errors import StoreFull, StoreUnavailable

CURE = "make room, and it goes on by itself"

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_SAID = tuple(os.strerror(code) for code in _FULL)


def free_bytes(path: Path) -> int:
    """The room on the disk of a file that is there or is to be."""
    return shutil.disk_usage(path.absolute().parent).free


def check(path: Path, needed_bytes: int) -> None:
    """Raise StoreFull where the disk of a file has less room than is needed."""
    free = free_bytes(path)
    if free < needed_bytes:
        raise StoreFull(
            f"only {free / 1e6:.0f} MB are free on the disk of {path}, and {needed_bytes / 1e6:.0f} MB "
            f"are needed; {CURE}"
        )


def is_full(error: BaseException) -> bool:
    """Whether it was for want of room; a library's error is known by the system's words in it."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in _FULL
    return any(words in str(error) for words in _SAID)


def unwritten(error: OSError, *, what: str) -> StoreUnavailable:
    """The problem where `what` ("cannot write ...") was tried: StoreFull for want of room."""
    if is_full(error):
        return StoreFull(f"{what}: the disk is full ({error.strerror}); {CURE}")
    return StoreUnavailable(f"{what}: {error.strerror}")
