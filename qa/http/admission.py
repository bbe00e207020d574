"""Whether an upload can be taken now, before a byte of its body is read."""

from __future__ import annotations

from http import HTTPStatus

from litestar.exceptions import HTTPException

from qa.http.problems import RETRY_AFTER_S
from qa.store import Store, room


def check(store: Store) -> None:
    """Raise HTTPException: 429 where too many calls wait to be scored, 507 where the disk is nearly full."""
    waiting = store.queue().get("queued", 0)
    if waiting >= store.settings.max_queue:
        raise _later(
            HTTPStatus.TOO_MANY_REQUESTS, f"{waiting} calls wait to be scored (the setting max_queue); try again later"
        )
    if full := disk_is_full(store):
        raise _later(HTTPStatus.INSUFFICIENT_STORAGE, f"{full}; make room, try again")


def disk_is_full(store: Store) -> str | None:
    """What is wrong where the disk is nearly full; None where it is not."""
    free = room.free_bytes(store.path)
    if free >= store.settings.min_free_bytes:
        return None
    return f"only {free / 1e9:.1f} GB are free on the store's disk (the setting min_free_bytes)"


def _later(status: HTTPStatus, detail: str) -> HTTPException:
    return HTTPException(status_code=status, detail=detail, headers={"Retry-After": str(RETRY_AFTER_S)})
