"""Receivers are told, once they can be: each by itself, signed, with the same id until they have taken it."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from qa import logs
from qa.errors import SettingsProblem
from qa.metadata import Metadata
from qa.settings import Settings
from qa.store import Delivery, Store
from qa.webhooks.delivering import WAITS_S, Deliverer, _after_s
from tests.qa_store.examples import sha256
from tests.receiving import SECRET, Receiver, receiving
from tests.waiting import until

SERVICE = Path(__file__).parents[1] / "docs" / "service.md"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("empty") / "qa.duckdb"
    Store.open(file).close()
    return file


@pytest.fixture
def place(empty: Path, tmp_path: Path) -> Path:
    """A folder with an empty store."""
    shutil.copy(empty, tmp_path)
    return tmp_path


@contextmanager
def opened(place: Path, *, webhook_url: str = "", webhook_hosts: str = "", secret: str = SECRET) -> Iterator[Store]:
    settings = Settings(webhook_url=webhook_url, webhook_hosts=webhook_hosts, webhook_secret=secret)
    with Store.open(place / "qa.duckdb", settings=settings) as store:
        yield store


@contextmanager
def delivering(
    store: Store, *, waits_s: tuple[float, ...] = (0.01, 0.01, 0.01), try_s: float = 5.0
) -> Iterator[Deliverer]:
    deliverer = Deliverer(store, waits_s=waits_s, try_s=try_s, poll_s=0.02)
    deliverer.start()
    try:
        yield deliverer
    finally:
        deliverer.stop()
        assert not deliverer._thread.is_alive()


def ended(store: Store, name: str = "a.wav", *, webhook: str | None = None, error: str | None = None) -> str:
    """A call whose job has ended."""
    said = Metadata(recording=name, team="North", contact_id=f"contact of {name}")
    call_id = store.accept(sha256=sha256(name), metadata=said, webhook=webhook).call_id
    job = store.claim()
    assert job is not None
    store.finish(job.job_id, error=error)
    return call_id


def deliveries(store: Store) -> list[Delivery]:
    """Those that are there, oldest first."""
    return list(reversed(store.webhooks.page().deliveries))


def settled(store: Store) -> list[Delivery]:
    """Those that are there, once none waits."""
    until(lambda: not store.webhooks.count().get("waiting"))
    return deliveries(store)


def test_a_receiver_is_told_in_few_words_and_signed(place: Path, receiver: Receiver) -> None:
    """What it gets is verified by the scheme's own library, and refused with another secret."""
    with opened(place, webhook_url=receiver.url()) as store, delivering(store):
        call_id = ended(store, error="a.wav holds no sound")
        (delivery,) = settled(store)
    (got,) = receiver.got
    assert (got.path, got.id) == ("/qa?token=tell-nobody", delivery.webhook_id)
    assert got.verified() == {
        "type": "call.failed",
        "timestamp": delivery.made_at.isoformat().replace("+00:00", "Z"),
        "data": {
            "job_id": delivery.job_id,
            "call_id": call_id,
            "contact_id": "contact of a.wav",
            "team": "North",
            "state": "failed",
            "error": "a.wav holds no sound",
            "can_retry": False,
            "percent": None,
            "flags": [],
            "call": f"/api/calls/{call_id}",
        },
    }
    assert got.headers["content-type"] == "application/json"
    with pytest.raises(WebhookVerificationError):
        got.verified("whsec_" + "A" * 32)


def test_two_secrets_sign_while_one_takes_the_other_s_place(place: Path, receiver: Receiver) -> None:
    """A receiver that knows either is content."""
    other = "whsec_" + "B" * 40
    with opened(place, webhook_url=receiver.url(), secret=f"{SECRET} {other}") as store, delivering(store):
        ended(store)
        settled(store)
    for secret in (SECRET, other):
        assert receiver.got[0].verified(secret)["type"] == "call.done"


def test_the_docs_verify_what_is_sent(place: Path, receiver: Receiver) -> None:
    """The lines that docs/service.md shows take a delivery, and refuse one that was changed, or is old."""
    (shown,) = re.findall(r"```python\n(.+?)```", SERVICE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Callable[..., bool]] = {}
    exec(shown, names)  # noqa: S102 - it is what is tried
    with opened(place, webhook_url=receiver.url()) as store, delivering(store):
        ended(store)
        settled(store)
    (got,) = receiver.got
    verified = names["verified"]
    assert verified(SECRET, got.headers, got.body)
    assert not verified(SECRET, got.headers, got.body.replace(b"call.done", b"call.lost"))
    assert not verified("whsec_" + "A" * 32, got.headers, got.body)
    old = int(time.time()) - 3600
    signature = Webhook(SECRET).sign(got.id, datetime.fromtimestamp(old, UTC), got.body.decode())
    stale = {"webhook-id": got.id, "webhook-timestamp": str(old), "webhook-signature": signature}
    assert not verified(SECRET, stale, got.body)


def test_what_is_not_taken_is_tried_again_with_the_same_id(place: Path, receiver: Receiver) -> None:
    """Whatever was answered; a redirect is not followed. Each try is signed anew."""
    receiver.answers = [(500, {"Set-Cookie": "a=b"}), (307, {"Location": receiver.url("/elsewhere")}), (404, {})]
    with opened(place, webhook_url=receiver.url()) as store, delivering(store):
        ended(store)
        (delivery,) = settled(store)
    assert (delivery.state, delivery.attempts, delivery.error) == ("delivered", 4, None)
    assert {got.path for got in receiver.got} == {"/qa?token=tell-nobody"}
    assert [got.id for got in receiver.got] == [delivery.webhook_id] * 4
    assert [got.verified()["type"] for got in receiver.got] == ["call.done"] * 4
    assert not any("cookie" in got.headers for got in receiver.got)


def test_a_receiver_that_wants_no_more_is_left_alone(place: Path, receiver: Receiver) -> None:
    """410 is the end of a delivery."""
    receiver.answers = [(410, {})]
    with opened(place, webhook_url=receiver.url()) as store, delivering(store):
        ended(store)
        (delivery,) = settled(store)
    assert (delivery.state, delivery.attempts, delivery.error) == ("given_up", 1, "it answered 410 Gone")


def test_it_is_given_up_in_the_end_and_can_be_asked_for_again(
    place: Path, receiver: Receiver, capfd: pytest.CaptureFixture[str]
) -> None:
    """After as many waits as there are; the log names call and host, and nothing of the rest of the address."""
    receiver.answers = [(503, {})] * 4
    with logs.to_stderr("json"), opened(place, webhook_url=receiver.url()) as store, delivering(store):
        logging.getLogger().setLevel(logging.INFO)
        call_id = ended(store)
        (delivery,) = settled(store)
        assert (delivery.state, delivery.attempts) == ("given_up", 4)
        assert delivery.error == "it answered 503 Service Unavailable"
        store.webhooks.again(delivery.delivery_id)
        (delivery,) = settled(store)
    assert (delivery.state, delivery.attempts, len(receiver.got)) == ("delivered", 1, 5)
    log = capfd.readouterr().err
    lines = [json.loads(line) for line in log.splitlines() if '"qa.webhooks.delivering"' in line]
    assert [line["message"] for line in lines] == ["webhook put off"] * 3 + ["webhook given up", "webhook taken"]
    assert {(line["call_id"], line["receiver"]) for line in lines} == {(call_id, receiver.host)}
    assert lines[3]["error"] == "it answered 503 Service Unavailable"
    assert "tell-nobody" not in log


def test_the_waits_grow_and_a_receiver_may_ask_for_more(place: Path, receiver: Receiver) -> None:
    """Retry-After is kept where it is longer."""
    receiver.answers = [(503, {"Retry-After": "100"}), (500, {})]
    with opened(place, webhook_url=receiver.url()) as store, delivering(store, waits_s=WAITS_S):
        ended(store)
        until(lambda: deliveries(store)[0].attempts == 1)
        ended(store, "b.wav")
        until(lambda: deliveries(store)[1].attempts == 1)
        patient, plain = deliveries(store)
    assert (patient.wait_s, patient.state) == (100, "waiting")
    assert 4 <= plain.wait_s <= 6


def test_retry_after_is_a_number_or_a_moment() -> None:
    """A day at most; what is neither says nothing."""
    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert 50 < _after_s(in_a_minute) <= 60
    assert [_after_s(text) for text in ("7", "1000000", "", "soon", "-5", "Wed, 21 Oct 2015 07:28:00 GMT")] == [
        7.0, 86400.0, 0.0, 0.0, 0.0, 0.0,
    ]  # fmt: skip


def test_a_dead_receiver_holds_up_neither_the_others_nor_the_end(place: Path, receiver: Receiver) -> None:
    """More deliveries than are sent at once wait for one that never answers; another's are taken meanwhile."""
    with receiving() as dead, opened(place, webhook_hosts=f"{dead.host} {receiver.host}") as store:
        dead.patience.clear()
        with delivering(store, try_s=60):
            for n in range(6):
                ended(store, f"{n}.wav", webhook=dead.url())
            until(lambda: len(dead.got) == 4)
            ended(store, "b.wav", webhook=receiver.url())
            until(lambda: store.webhooks.count().get("delivered") == 1)
            began_s = time.monotonic()
        assert time.monotonic() - began_s < 5
        assert len(dead.got) == 4
        assert {each.attempts for each in deliveries(store)[:6]} == {0}


def test_a_receiver_that_dribbles_is_cut_off(place: Path) -> None:
    """The limit of time is one for the whole try, not for each byte. The text says so, and shows no address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with opened(place, webhook_url=f"http://127.0.0.1:{port}/tell-nobody") as store:
            with delivering(store, waits_s=(60.0,), try_s=0.6):
                ended(store)
                connection, _ = listener.accept()
                with connection:
                    for byte in b"HTTP/1.1 204 No Co":
                        if deliveries(store)[0].attempts:
                            break
                        connection.send(bytes([byte]))
                        time.sleep(0.1)  # what is tried is a receiver that takes its time
                until(lambda: deliveries(store)[0].attempts == 1)
            assert deliveries(store)[0].error == "no answer within 0.6 s"


def test_nobody_there_is_said_in_words(place: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with opened(place, webhook_url=f"http://127.0.0.1:{port}/tell-nobody") as store, delivering(store):
        ended(store)
        (delivery,) = settled(store)
    assert delivery.error is not None
    assert "cannot connect" in delivery.error
    assert "tell-nobody" not in delivery.error


def test_an_erased_call_is_told_of_to_nobody(place: Path, receiver: Receiver) -> None:
    """What waits goes with it, and what was about to be sent is not."""
    with opened(place, webhook_url=receiver.url()) as store:
        gone = ended(store)
        ended(store, "b.wav")
        before = deliveries(store)[0]
        store.erase([gone])
        with delivering(store) as deliverer:
            (delivery,) = settled(store)
            assert delivery.state == "delivered"
            failure = asyncio.run(deliverer._send(httpx.AsyncClient(), before))
    assert failure is not None
    assert (failure.error, failure.final) == ("the call was erased", True)
    assert [got.verified()["data"]["contact_id"] for got in receiver.got] == ["contact of b.wav"]


def test_who_may_no_longer_be_told_waits(place: Path, receiver: Receiver) -> None:
    """A host taken out of the setting gets nothing, and what waits for it is sent when it is there again."""
    with opened(place, webhook_hosts=receiver.host) as store:
        ended(store, webhook=receiver.url("/named"))
    with opened(place, webhook_url=receiver.url("/own")) as store, delivering(store):
        ended(store, "b.wav")
        until(lambda: store.webhooks.count() == {"waiting": 1, "delivered": 1})
    with opened(place, webhook_hosts=receiver.host) as store, delivering(store):
        settled(store)
    assert [got.path for got in receiver.got] == ["/own", "/named"]


def test_without_a_secret_nobody_is_told(place: Path) -> None:
    """What is not signed cannot be trusted, so a server does not start."""
    with opened(place, webhook_hosts="a.example", secret="") as store, pytest.raises(SettingsProblem, match="whsec_"):
        Deliverer(store)
