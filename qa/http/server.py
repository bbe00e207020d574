"""`qa serve`: the interface behind uvicorn, until it is told to stop."""

import ctypes
import ipaddress
import logging
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from types import FrameType

import uvicorn
from anyio import to_thread

from qa import logs
from qa.announcement import announced
from qa.errors import SettingsProblem, StoreHeld
from qa.http.app import create_app
from qa.http.requests import Logged
from qa.jobs.dispatcher import Dispatcher
from qa.jobs.workers import Workers
from qa.judging import JudgeProcess
from qa.scoring import Scoring
from qa.settings import Settings
from qa.store import Store
from qa.store.quack import serving as quack_serving

GRACE_S = 5
"""How long requests that are being answered may take when the server is told to stop."""

HELD_S = 30.0
"""How long a store is waited for that another process has open."""

_M_TRIM_THRESHOLD, _M_ARENA_MAX = -1, -8  # of malloc.h

_log = logging.getLogger(__name__)


def serve(
    *,
    settings: Settings | None = None,
    rubric: Path | None = None,
    host: str = "127.0.0.1",
    port: int = 8000,
    quack: int | None = None,
) -> None:
    """Own the store and serve it until SIGINT or SIGTERM; what waits to be scored is kept for the next time.

    Port 0 takes one that is free. A store that another process has open is waited for a while. `quack` is the port on
    which a snapshot is served by that protocol too. Raises Problem where the address cannot be had, the store not
    opened, the model not found or the extension not loaded.
    """
    settings = settings or Settings()
    _give_memory_back()
    with logs.to_stderr(settings.log_format):
        _serve(settings, rubric=rubric, host=host, port=port, quack=quack)
        _log.info("stopped")


def _serve(settings: Settings, *, rubric: Path | None, host: str, port: int, quack: int | None) -> None:
    with (
        _listen(host, port) as listener,
        _open(settings) as store,
        closing(JudgeProcess(memory_bytes=settings.worker_memory_bytes)) as judge,
        Scoring(store, rubric=rubric, settings=settings, judging=judge) as scoring,
        ExitStack() as opened,
    ):
        if not store.has_keys() and not _is_loopback(listener):
            raise SettingsProblem(
                f"{host} can be reached from elsewhere, and the store {store.path} has no API keys: make one first "
                "(qa keys create), or listen on 127.0.0.1"
            )
        also = opened.enter_context(_also_by_quack(store, quack))
        _ = scoring.model  # one that is not here is said now, not with the first call
        workers = Workers(settings.workers, memory_bytes=settings.worker_memory_bytes)
        dispatcher = Dispatcher(scoring, workers=workers, at_once=settings.workers)
        app = create_app(scoring, dispatcher=dispatcher)
        config = uvicorn.Config(
            Logged(app), log_config=None, log_level="warning", access_log=False, timeout_graceful_shutdown=GRACE_S
        )
        with _signals_only_stop():
            _Server(config, listener, store.path, dispatcher, also=also).run(sockets=[listener])


@contextmanager
def _also_by_quack(store: Store, port: int | None) -> Iterator[str]:
    """Serve a snapshot by quack where that is asked for; gives what the greeting says of it."""
    if port is None:
        yield ""
        return
    with quack_serving(store.snapshots, store.path, port=port) as (url, token):
        yield f"; by quack at {url}, with the token in {token}"


def _open(settings: Settings) -> Store:
    until_s, said = time.monotonic() + HELD_S, False
    while True:
        try:
            return Store.open(settings.store, settings=settings)
        except StoreHeld as held:
            if time.monotonic() > until_s:
                raise
            if not said:
                _log.warning("%s. Waiting up to %g s for it", held, HELD_S)
                said = True
            time.sleep(0.2)


def _give_memory_back() -> None:
    """Have what is freed go back to the system at once, and not be kept for the next fifty uploads: glibc's own way."""
    with suppress(OSError, AttributeError):  # another C library
        c_library = ctypes.CDLL(None)
        c_library.mallopt(_M_TRIM_THRESHOLD, 128 * 1024)
        c_library.mallopt(_M_ARENA_MAX, 4)


class _Server(uvicorn.Server):
    """Says where it is while it can be asked, and lets go of who listens when it is told to stop."""

    def __init__(
        self, config: uvicorn.Config, listener: socket.socket, store: Path, dispatcher: Dispatcher, *, also: str
    ) -> None:
        super().__init__(config)
        self._listener, self._store, self._also = listener, store, also
        self._dispatcher = dispatcher
        self._told: int | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Told to stop. Nothing that takes a lock is done here: the signal may have come to who holds it."""
        self._told = sig
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """First of all whoever waits for events is let go, for else they would be waited for."""
        if self._told is not None:
            _log.info("told to stop, by %s", signal.Signals(self._told).name)
        await to_thread.run_sync(self._dispatcher.events.close)
        await super().shutdown(sockets=sockets)

    async def main_loop(self) -> None:
        host, port = self._listener.getsockname()[:2]
        with announced(self._store, _url(_of_this_machine(host), port)):
            _log.info("started")
            print(f"Empathy QA is at {_url(host, port)}/schema with the store {self._store}{self._also}", flush=True)
            await super().main_loop()


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


def _of_this_machine(host: str) -> str:
    """Where who listens on all addresses is found from here."""
    if ipaddress.ip_address(host.partition("%")[0]).is_unspecified:
        return "::1" if ":" in host else "127.0.0.1"
    return host


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        why = error.strerror or str(error)
        raise SettingsProblem(
            f"cannot listen on {host}, port {port} ({why}): choose another with --host or --port"
        ) from error
    # Head and body of an answer are two writes: without this the second waits 40 ms for the first to be acknowledged.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
