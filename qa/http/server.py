"""`qa serve`: the interface behind uvicorn, until it is told to stop."""

import ipaddress
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from types import FrameType

import uvicorn

from qa.errors import SettingsProblem
from qa.http.app import create_app
from qa.jobs import Dispatcher
from qa.judging import JudgeProcess
from qa.scoring import Scoring
from qa.settings import Settings
from qa.store import Store
from qa.store.quack import serving as quack_serving
from qa.workers import Workers

GRACE_S = 5
"""How long requests that are being answered may take when the server is told to stop."""


def serve(
    *,
    settings: Settings | None = None,
    rubric: Path | None = None,
    host: str = "127.0.0.1",
    port: int = 8000,
    quack: int | None = None,
) -> None:
    """Own the store and serve it until SIGINT or SIGTERM; what waits to be scored is kept for the next time.

    Port 0 takes one that is free. `quack` is the port on which a snapshot is served by that protocol too. Raises
    Problem where the address cannot be had, the store not opened, the model not found or the extension not loaded.
    """
    settings = settings or Settings()
    with (
        _listen(host, port) as listener,
        Store.open(settings.store, settings=settings) as store,
        closing(JudgeProcess(memory_bytes=settings.worker_memory_bytes)) as judge,
        Scoring(store, rubric=rubric, settings=settings, judging=judge) as scoring,
        ExitStack() as stack,
    ):
        if not store.has_keys() and not _is_loopback(listener):
            raise SettingsProblem(
                f"{host} can be reached from elsewhere, and the store {store.path} has no API keys: make one first "
                "(qa keys create), or listen on 127.0.0.1"
            )
        also = stack.enter_context(_also_by_quack(store, quack))
        _ = scoring.model  # one that is not here is said now, not with the first call
        workers = Workers(settings.workers, memory_bytes=settings.worker_memory_bytes)
        dispatcher = Dispatcher(scoring, workers=workers, at_once=settings.workers)
        app = create_app(scoring, dispatcher=dispatcher)
        config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=GRACE_S)
        greeting = f"Empathy QA is at {_url(listener)}/schema with the store {store.path}{also}"
        with _signals_only_stop():
            _Server(config, greeting, dispatcher).run(sockets=[listener])


@contextmanager
def _also_by_quack(store: Store, port: int | None) -> Iterator[str]:
    """Serve a snapshot by quack where that is asked for; gives what the greeting says of it."""
    if port is None:
        yield ""
        return
    with quack_serving(store.snapshots, store.path, port=port) as (url, token):
        yield f"; by quack at {url}, with the token in {token}"


class _Server(uvicorn.Server):
    """Says in one line where it is once it can be asked, and lets go of who listens when it is told to stop."""

    def __init__(self, config: uvicorn.Config, greeting: str, dispatcher: Dispatcher) -> None:
        super().__init__(config)
        self._greeting = greeting
        self._dispatcher = dispatcher

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Told to stop: first of all whoever waits for events is let go, for else they would be waited for."""
        self._dispatcher.events.close()
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            print(self._greeting, flush=True)


@contextmanager
def _signals_only_stop() -> Iterator[None]:
    """uvicorn stops at a signal and then raises it again, which would end the process before the store is closed."""
    asked = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(one, lambda *_: None) for one in asked]
    try:
        yield
    finally:
        for one, handler in zip(asked, before, strict=True):
            signal.signal(one, handler)


def _is_loopback(listener: socket.socket) -> bool:
    return ipaddress.ip_address(listener.getsockname()[0].partition("%")[0]).is_loopback


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        why = error.strerror or str(error)
        raise SettingsProblem(
            f"cannot listen on {host}, port {port} ({why}): choose another with --host or --port"
        ) from error
