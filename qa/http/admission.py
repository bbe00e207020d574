"""Whether an upload can be taken now, before a byte of its body is read."""

from __future__ import annotations

import shutil
from http import HTTPStatus

from litestar.exceptions import HTTPException

from qa.store import Store

RETRY_AFTER_S = 60
"""When to ask again: in a minute a queue moves on, and a disk may be tidied."""


def check(store: Store) -> None:
    """Raise HTTPException: 429 where too many calls wait to be scored, 507 where the disk is nearly full."""
    waiting = store.queue().get("queued", 0)
    if waiting >= store.settings.max_queue:
        raise _later(
            HTTPStatus.TOO_MANY_REQUESTS, f"{waiting} calls wait to be scored (the setting max_queue); try again later"
        )
    if full := disk_is_full(store):
        raise _later(HTTPStatus.INSUFFICIENT_STORAGE, f"{full}; make room, try again")


def free_bytes(store: Store) -> int:
    """The room on the store's disk."""
    return shutil.disk_usage(store.path.absolute().parent).free


def disk_is_full(store: Store) -> str | None:
    """What is wrong where the disk is nearly full; None where it is not."""
    free = free_bytes(store)
    if free >= store.settings.min_free_bytes:
        return None
    return f"only {free / 1e9:.1f} GB are free on the store's disk (the setting min_free_bytes)"


def _later(status: HTTPStatus, detail: str) -> HTTPException:
    return HTTPException(status_code=status, detail=detail, headers={"Retry-After": str(RETRY_AFTER_S)})
