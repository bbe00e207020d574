"""A receiver of webhooks: a real HTTP server in a thread, which answers as it is told and keeps what it got."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from standardwebhooks import Webhook

SECRET = "whsec_" + base64.b64encode(b"known to server and receiver alone").decode()


class Got(NamedTuple):
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verified(self, secret: str = SECRET) -> dict[str, Any]:
        """What it tells, its signature checked by the library that the scheme's authors publish."""
        Webhook(secret).verify(self.body, self.headers)
        told: dict[str, Any] = json.loads(self.body)
        return told


class Receiver:
    """Listens between `start` and `stop`. `answers` are status and headers of the next answers; then it is 204."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.patience = threading.Event()
        """While it is not set, every answer waits."""
        self.patience.set()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append(Got(self.path, {key.lower(): value for key, value in self.headers.items()}, body))
                status, headers = receiver.answers.pop(0) if receiver.answers else (204, {})
                receiver.patience.wait(60)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who asked has gone
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def url(self, path: str = "/qa?token=tell-nobody") -> str:
        return f"http://{self.host}{path}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.patience.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver for as long as the `with` block."""
    receiver = Receiver()
    receiver.start()
    try:
        yield receiver
    finally:
        receiver.stop()
