"""Tells receivers of the ends of jobs, in a thread of its own: each delivery until it is taken, or given up.

What is told is made of the store when it is sent, so that an erased call is told of to nobody.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx
import msgspec

from qa import logs
from qa.errors import CallNotFound, JobNotFound, SettingsProblem
from qa.store import Delivery, Ended, Store
from qa.webhooks import signing

WAITS_S = (5.0, 30.0, 120.0, 600.0, 3600.0, 3 * 3600.0, 6 * 3600.0, 12 * 3600.0, 24 * 3600.0)
"""How long is waited after the first try that failed, the second and so on; after the last comes one more try."""

JITTER = 0.2
"""The share by which each wait is longer or shorter, so that receivers which come back are not all asked at once."""

TRY_S = 10.0
"""How long a receiver may take to answer."""

POLL_S = 1.0
"""How long a delivery may be due before it is seen."""

AT_ONCE = 4
"""Deliveries under way to one receiver: one that is slow takes no other's place."""

STOP_S = 5.0
"""How long the end is waited for; a name that nobody resolves may hang on for longer, and holds nothing."""

_THREADS = 64  # more than looking up names can hold: what the store is asked must not wait for that
_AGAIN_S = 60.0

_log = logging.getLogger(__name__)
logging.getLogger("httpx").setLevel(logging.WARNING)  # below that it logs whole addresses, which may hold secrets


class Data(msgspec.Struct, frozen=True, kw_only=True):
    """A call whose job has ended; `percent` and `flags` are those of a job that is done, `call` is the call's path."""

    job_id: int | None
    call_id: str
    contact_id: str | None
    team: str
    state: Ended
    error: str | None
    can_retry: bool | None
    percent: float | None
    flags: tuple[str, ...]
    call: str


class Told(msgspec.Struct, frozen=True):
    """The body of a delivery. `timestamp` is when the job ended, in UTC."""

    type: str
    timestamp: datetime
    data: Data


class _Failure(msgspec.Struct, frozen=True):
    """Why a try failed, whether there is any use in another, and how long the receiver wants to be left alone."""

    error: str
    final: bool = False
    after_s: float = 0.0


class Deliverer:
    """Sends a store's deliveries between `start` and `stop`.

    What is under way at the end is sent again at the next start. Deliveries to an address or a host that the settings
    no longer name wait until they do. Raises SettingsProblem where there is nothing to sign with.
    """

    def __init__(
        self, store: Store, *, waits_s: Sequence[float] = WAITS_S, try_s: float = TRY_S, poll_s: float = POLL_S
    ) -> None:
        settings = store.settings
        self._store = store
        self._url = settings.webhook_url
        self._receivers = signing.receivers(settings.webhook_hosts)
        self._keys = signing.keys(settings.webhook_secret)
        self._waits_s, self._try_s, self._poll_s = waits_s, try_s, poll_s
        self._flying: dict[int, str] = {}
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
        if (self._url or self._receivers) and not self._keys:
            raise SettingsProblem(
                "webhooks are named (the settings webhook_url, webhook_hosts) and nothing to sign them with: set "
                'webhook_secret (QA_WEBHOOK_SECRET), made with: echo "whsec_$(openssl rand -base64 32)"'
            )

    def start(self) -> None:
        """Begin; where nobody is to be told there is nothing to do."""
        if self._url or self._receivers:
            self._thread.start()
            self._ready.wait()

    def stop(self) -> None:
        """End, whatever receivers do."""
        if self._thread.is_alive():
            with suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(self._main.cancel)
            self._thread.join(STOP_S)

    def _run(self) -> None:
        with suppress(asyncio.CancelledError):
            asyncio.run(self._deliver_all())

    async def _deliver_all(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_default_executor(ThreadPoolExecutor(_THREADS, thread_name_prefix="webhooks"))
        main = asyncio.current_task()
        assert main is not None
        self._main = main
        self._moved = asyncio.Event()
        self._ready.set()
        # A connection for each: bodies of answers are not read, and so leave none that could be used again.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        cookies = CookieJar(DefaultCookiePolicy(allowed_domains=()))  # what a receiver wants kept is not
        async with (
            httpx.AsyncClient(timeout=self._try_s, limits=limits, cookies=cookies) as client,
            asyncio.TaskGroup() as group,
        ):
            while True:
                self._moved.clear()
                for delivery in await self._due():
                    group.create_task(self._deliver(client, delivery))
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._moved.wait(), self._poll_s)

    async def _due(self) -> list[Delivery]:
        """What can be sent now, so many to each receiver; it is under way from here on."""
        try:
            found = await asyncio.to_thread(
                self._store.webhooks.due,
                server=bool(self._url),
                receivers=self._receivers,
                without=list(self._flying),
                each=AT_ONCE,
            )
        except Exception:  # noqa: BLE001 - whatever it is, deliveries that nobody sends are worse
            _log.exception("webhooks cannot be read now")
            return []
        taken = Counter(self._flying.values())
        due = []
        for delivery in found:
            receiver = self._receiver(delivery)
            if taken[receiver] < AT_ONCE:
                taken[receiver] += 1
                self._flying[delivery.delivery_id] = receiver
                due.append(delivery)
        return due

    async def _deliver(self, client: httpx.AsyncClient, delivery: Delivery) -> None:
        """Try once, and write down what came of it."""
        with logs.known(job_id=delivery.job_id, call_id=delivery.call_id):
            try:
                failure = await self._send(client, delivery)
                await asyncio.to_thread(self._note, delivery, failure)
            except Exception:  # noqa: BLE001 - a full disk, say
                _log.exception("what became of a webhook cannot be written")
                await asyncio.sleep(_AGAIN_S)  # it is still due, and would be sent again and again
            finally:
                del self._flying[delivery.delivery_id]
                self._moved.set()

    async def _send(self, client: httpx.AsyncClient, delivery: Delivery) -> _Failure | None:
        try:
            body = await asyncio.to_thread(self._body, delivery)
        except (CallNotFound, JobNotFound):
            return _Failure("the call was erased", final=True)
        headers = signing.signed(self._keys, webhook_id=delivery.webhook_id, timestamp=int(time.time()), body=body) | {
            "Content-Type": "application/json",
            "User-Agent": "empathy-qa",
        }
        try:
            async with (
                asyncio.timeout(self._try_s),
                client.stream("POST", delivery.url or self._url, content=body, headers=headers) as answer,
            ):
                return _failure(answer)
        except (TimeoutError, httpx.TimeoutException):
            return _Failure(f"no answer within {self._try_s:g} s")
        except httpx.ConnectError as error:
            return _Failure(f"cannot connect ({error})")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this receiver's; its text may hold the address
            return _Failure(f"the connection failed ({type(error).__name__})")

    def _body(self, delivery: Delivery) -> bytes:
        row = self._store.row(delivery.call_id)
        job = None if delivery.job_id is None else self._store.job(delivery.job_id)
        done = delivery.event == "done"
        data = Data(
            job_id=delivery.job_id,
            call_id=delivery.call_id,
            contact_id=row.metadata.contact_id,
            team=row.metadata.team,
            state=delivery.event,
            error=job.error if job else None,
            can_retry=job.can_retry if job else None,
            percent=row.percent if done else None,
            flags=row.flags if done else (),
            call=f"/api/calls/{delivery.call_id}",
        )
        return msgspec.json.encode(Told(f"call.{delivery.event}", delivery.made_at, data))

    def _note(self, delivery: Delivery, failure: _Failure | None) -> None:
        receiver, tried = self._receiver(delivery), self._store.webhooks.tried
        if failure is None:
            tried(delivery.delivery_id, state="delivered")
            _log.info("webhook taken", extra=logs.fields(receiver=receiver, event=delivery.event))
        elif failure.final or delivery.attempts >= len(self._waits_s):
            tried(delivery.delivery_id, state="given_up", error=failure.error)
            _log.warning("webhook given up", extra=logs.fields(receiver=receiver, error=failure.error))
        else:
            jitter = secrets.SystemRandom().uniform(1 - JITTER, 1 + JITTER)
            wait_s = max(self._waits_s[delivery.attempts] * jitter, failure.after_s)
            tried(delivery.delivery_id, state="waiting", wait_s=wait_s, error=failure.error)
            put_off = logs.fields(receiver=receiver, error=failure.error, wait_s=round(wait_s))
            _log.warning("webhook put off", extra=put_off)

    def _receiver(self, delivery: Delivery) -> str:
        return delivery.receiver or signing.receiver(self._url)


def _failure(answer: httpx.Response) -> _Failure | None:
    """What an answer means: None where it was taken."""
    if answer.is_success:
        return None
    status = answer.status_code
    said = f"it answered {status} {httpx.codes.get_reason_phrase(status)}".strip()  # in our words, not in its own
    if answer.is_redirect:
        said += ", and redirects are not followed: name the address itself"
    return _Failure(said, final=status == HTTPStatus.GONE, after_s=_after_s(answer.headers.get("Retry-After", "")))


def _after_s(text: str) -> float:
    """The seconds of a Retry-After, a number or a moment; a day at most, and 0 where it says nothing."""
    try:
        seconds = float(text) if text.isdecimal() else (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
    except (TypeError, ValueError):
        return 0.0
    return min(max(seconds, 0.0), WAITS_S[-1])
