"""Backups of a store that is served: `/api/backups`, into the folder that the setting `backups` names and no other."""

from __future__ import annotations

from http import HTTPStatus

from litestar import Router, post

from qa.http import access
from qa.http.dependencies import AnyRequest, TheStore
from qa.http.problems import documented, refuse
from qa.store.backup import Backup


@post("/", operation_id="makeBackup", sync_to_thread=True, responses=documented(400, 409))
def make_backup(request: AnyRequest, store: TheStore) -> Backup:
    """Write a backup of store and recordings; answered when it is whole and on disk for good.

    Writers wait while the store's file is copied, readers do not.
    """
    if not store.settings.backups:
        message = "the setting backups names no folder; set QA_BACKUPS where the server is started"
        raise refuse(HTTPStatus.CONFLICT, message)
    return store.back_up(store.settings.backups, key_id=access.of(request).key_id)


def router() -> Router:
    """The routes."""
    return Router("/backups", route_handlers=[make_backup], tags=["backups"])
