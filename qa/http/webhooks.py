"""Webhooks: what an upload may name, and for whoever runs the server what became of deliveries: `/api/webhooks`."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated

import msgspec
from litestar import Router, get, post
from litestar.params import FromPath, QueryParameter

from qa.errors import MetadataProblem
from qa.http import access
from qa.http.dependencies import AnyRequest, TheStore
from qa.http.problems import documented
from qa.settings import Settings
from qa.store import Delivery, DeliveryState, Ended
from qa.webhooks import signing

FIELD = "webhook"
"""What the address is called beside the metadata of an upload."""

DeliveryId = FromPath[int]


class DeliveryLine(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery: that a receiver, `host:port`, was or is to be told of the end of a job. Moments are in UTC.

    `webhook_id` is what the receiver gets as `webhook-id`, the same on each try. `job_id` null is a transcript, scored
    at once. `receiver` null is the address of a setting that is not there any more. `attempts` counts tries since it
    was last asked for; `next_at` is when a delivery that waits is tried; `error` says why the last try was not taken.
    """

    delivery_id: int
    webhook_id: str
    call_id: str
    job_id: int | None
    event: Ended
    receiver: str | None
    state: DeliveryState
    attempts: int
    made_at: datetime
    tried_at: datetime | None
    next_at: datetime | None
    error: str | None

    @classmethod
    def of(cls, delivery: Delivery, settings: Settings) -> DeliveryLine:
        """The delivery without its address."""
        own = {name: getattr(delivery, name) for name in cls.__struct_fields__ if hasattr(delivery, name)}
        if delivery.url is None and settings.webhook_url:
            own["receiver"] = signing.receiver(settings.webhook_url)
        last = delivery.tried_at or delivery.made_at
        next_at = last + timedelta(seconds=delivery.wait_s) if delivery.state == "waiting" else None
        return cls(**own, next_at=next_at)


class Deliveries(msgspec.Struct, frozen=True):
    """Deliveries, newest first; `next` is given as `before` for the next page, null at the end."""

    deliveries: tuple[DeliveryLine, ...]
    next: int | None


def named(fields: dict[str, str | None], settings: Settings) -> str | None:
    """Take the webhook out of what an upload says; raises MetadataProblem where the server would not tell it."""
    url = (fields.pop(FIELD, None) or "").strip()
    if not url:
        return None
    try:
        receiver = signing.receiver(url)
    except ValueError as error:
        raise MetadataProblem(f"{FIELD}: {error}") from error
    if receiver not in signing.receivers(settings.webhook_hosts):
        raise MetadataProblem(
            f"{FIELD}: uploads may not name {receiver}; whoever runs the server can add it to the setting webhook_hosts"
        )
    return url


@get("/", operation_id="listWebhooks", sync_to_thread=True, responses=documented(400))
def list_webhooks(
    *,
    request: AnyRequest,
    store: TheStore,
    state_: Annotated[
        DeliveryState | None, QueryParameter(name="state", description="Deliveries in this state alone.")
    ] = None,
    team: Annotated[str | None, QueryParameter(description="Deliveries about this team's calls alone.")] = None,
    before: Annotated[int | None, QueryParameter(description="`next` of the page before.")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=500, description="How many deliveries a page has at most.")] = 50,
) -> Deliveries:
    """What receivers were or are to be told, newest first, in pages."""
    page = store.webhooks.page(state=state_, teams=access.of(request).among(team), before=before, limit=limit)
    return Deliveries(tuple(DeliveryLine.of(each, store.settings) for each in page.deliveries), page.next)


@post(
    "/{delivery_id:int}/retry",
    operation_id="retryWebhook",
    status_code=HTTPStatus.OK,
    sync_to_thread=True,
    responses=documented(400, 404),
)
def retry_webhook(delivery_id: DeliveryId, store: TheStore, request: AnyRequest) -> DeliveryLine:
    """Send it now, and from the start if need be, whatever became of it: also what was taken is sent again."""
    who = access.of(request)
    delivery = store.webhooks.again(delivery_id, teams=who.teams, key_id=who.key_id)
    return DeliveryLine.of(delivery, store.settings)


def router() -> Router:
    """The routes."""
    return Router("/webhooks", route_handlers=[list_webhooks, retry_webhook], tags=["webhooks"])
