"""For whoever keeps the server running: is it alive, can it do its work, how is it doing."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import get_args

import msgspec
from litestar import Response, get
from litestar.openapi.datastructures import ResponseSpec
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from qa.http import access, admission
from qa.http.dependencies import TheDispatcher, TheStore
from qa.http.problems import documented, refuse
from qa.jobs.dispatcher import Dispatcher
from qa.store import DeliveryState, Store, room
from transcription.errors import Problem

_TEXT = "text/plain; version=0.0.4; charset=utf-8"


class Ready(msgspec.Struct, frozen=True):
    """The server can do its work."""

    ready: bool


@get("/healthz", operation_id="isAlive", sync_to_thread=False, tags=["monitoring"], media_type="text/plain")
def healthz() -> str:
    """The process answers; nothing else is asked. No key is needed."""
    return "alive\n"


@get("/readyz", operation_id="isReady", sync_to_thread=True, tags=["monitoring"], responses=documented())
def readyz(store: TheStore, dispatcher: TheDispatcher) -> Ready:
    """Whether the store can be read, the queue moves and the disk has room: else 503, and why. No key is needed."""
    if reasons := "; ".join(_missing(store, dispatcher)):
        raise refuse(HTTPStatus.SERVICE_UNAVAILABLE, reasons)
    return Ready(ready=True)


@get(
    "/metrics",
    operation_id="getMetrics",
    sync_to_thread=True,
    tags=["monitoring"],
    guards=[access.guard],
    responses={
        200: ResponseSpec(str, description="for Prometheus", media_type=_TEXT, generate_examples=False),
        **documented(),
    },
)
def metrics(store: TheStore, dispatcher: TheDispatcher) -> Response[bytes]:
    """The queue, its ages, failures, the real-time factor and the disk, in Prometheus' text form."""
    registry = CollectorRegistry()
    registry.register(_Collector(store, dispatcher))
    return Response(generate_latest(registry), media_type=_TEXT)


def _missing(store: Store, dispatcher: Dispatcher) -> Iterator[str]:
    try:
        store.queue()
    except Problem as error:
        yield str(error)
    if not dispatcher.alive:
        yield "the queue is not worked on"
    if dispatcher.paused:
        yield f"no recording is scored now: {dispatcher.paused}"
    if full := admission.disk_is_full(store):
        yield full


class _Collector:
    """What is measured when it is asked for."""

    def __init__(self, store: Store, dispatcher: Dispatcher) -> None:
        self._store, self._dispatcher = store, dispatcher

    def collect(self) -> Iterator[Metric]:
        jobs = GaugeMetricFamily("qa_jobs", "Jobs by state.", labels=["state"])
        for state, count in sorted(self._store.queue().items()):
            jobs.add_metric([state], count)
        yield jobs
        age_s = self._store.oldest_wait_s()
        yield GaugeMetricFamily(
            "qa_queue_oldest_seconds", "How long the call that waits longest has waited.", age_s or 0
        )
        yield GaugeMetricFamily(
            "qa_queue_paused", "1 while jobs wait for something that the machine lacks.", bool(self._dispatcher.paused)
        )
        webhooks = GaugeMetricFamily("qa_webhooks", "Deliveries of webhooks by state.", labels=["state"])
        deliveries = self._store.webhooks.count()
        for each in get_args(DeliveryState):
            webhooks.add_metric([each], deliveries.get(each, 0))
        yield webhooks
        work = self._dispatcher.worked
        yield CounterMetricFamily("qa_audio_seconds", "Length of the recordings scored since the start.", work.heard_s)
        yield CounterMetricFamily("qa_work_seconds", "Time that scoring them took.", work.spent_s)
        yield CounterMetricFamily("qa_failures", "Jobs that failed since the start.", work.failed)
        if work.spent_s:
            yield GaugeMetricFamily(
                "qa_real_time_factor", "Time to score a second of recording.", work.spent_s / max(work.heard_s, 1e-9)
            )
        yield GaugeMetricFamily("qa_disk_free_bytes", "Room on the store's disk.", room.free_bytes(self._store.path))
