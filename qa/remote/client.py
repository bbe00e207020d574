"""One server of empathy-qa over HTTP. The one place where its errors, and those of the way to it, become ours."""

from __future__ import annotations

import ipaddress
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, TypeVar

import httpx
import msgspec

from qa import version
from qa.errors import CallKnown, CallNotFound, MetadataProblem, ServerProblem, SettingsProblem
from qa.settings import KEY_VARIABLE
from transcription.errors import Problem

T = TypeVar("T")

TIMEOUT = httpx.Timeout(120.0, connect=10.0)
"""Seconds. A query may take half a minute, and a recording is on disk before it is answered."""

LATER_S = 10.0
"""How long is waited where a server that has too much to do does not say how long."""

_LATER = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.INSUFFICIENT_STORAGE)
_PROBLEMS: Mapping[int, type[Problem]] = {
    HTTPStatus.BAD_REQUEST: MetadataProblem,
    HTTPStatus.NOT_FOUND: CallNotFound,
    HTTPStatus.CONFLICT: CallKnown,
    HTTPStatus.UNPROCESSABLE_ENTITY: MetadataProblem,
}

Content = Callable[[], Iterator[bytes]]
"""Gives the body of a request, as often as it has to be sent."""


class _Problem(msgspec.Struct, frozen=True):
    """What is read of problem+json."""

    detail: str = ""


def json_of(kind: type[T]) -> Callable[[bytes], T]:
    """Reads JSON as a type."""
    return msgspec.json.Decoder(kind).decode


class Stopped(Exception):
    """The client was told to stop while something was asked."""


class Client:
    """Asks a server; any number of threads may. `said` is told in a line when it has to be waited for."""

    def __init__(self, url: str, key: str | None = None, *, said: Callable[[str], None] = lambda _: None) -> None:
        """Nothing is asked yet. Raises SettingsProblem where the key has characters that no key has."""
        self.url = url.rstrip("/")
        self._key = _checked(key)
        self.said = said
        self._stopping = threading.Event()
        self._turn = threading.Lock()
        self._not_before_s = 0.0
        # a proxy of the environment is not the way to a server of this machine
        self._http = httpx.Client(
            base_url=self.url,
            timeout=TIMEOUT,
            headers={"Authorization": f"Bearer {self._key}"} if self._key else {},
            trust_env=not _is_loopback(self.url),
        )

    def close(self) -> None:
        """Let go of the server; what is being asked in other threads ends with Stopped."""
        self.stop()
        self._http.close()

    def stop(self) -> None:
        """Whoever waits in another thread, or sends, ends with Stopped."""
        self._stopping.set()

    def wait(self, seconds: float) -> None:
        """Wait; raises Stopped."""
        if self._stopping.wait(seconds):
            raise Stopped

    def ask(
        self,
        method: str,
        path: str,
        reads: Callable[[bytes], T],
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        content: Content | None = None,
        form: Mapping[str, str] | None = None,
        files: Mapping[str, tuple[str, bytes]] | None = None,
        headers: Mapping[str, str] | None = None,
        problems: Mapping[int, type[Problem]] | None = None,
    ) -> T:
        """What the server answers, as `reads` decodes it (`json_of`); parameters that are None are left out.

        Waits and asks again where the server says that it has too much to do. Raises ServerProblem, and for a status
        the Problem that `problems` has for it, else CallNotFound (404), CallKnown (409) or MetadataProblem (400, 422).
        """
        given = {name: value for name, value in (params or {}).items() if value is not None}
        more = dict(headers or {})
        if json is not None:
            more["Content-Type"] = "application/json"
        while True:
            self._pause()
            body = msgspec.json.encode(json) if json is not None else self._sent(content) if content else None
            with self._translated():
                response = self._http.request(
                    method, path, params=given, content=body, data=form, files=files, headers=more
                )
            if response.is_success:
                return self._decoded(response, reads)
            problem = self._problem(response, {**_PROBLEMS, **(problems or {})})
            if response.status_code not in _LATER:
                raise problem
            self._put_off(response, problem)

    @contextmanager
    def download(self, path: str) -> Iterator[Iterator[bytes]]:
        """The blocks of a file that the server makes; raises as `ask` does."""
        with self._translated(), self._http.stream("GET", path, timeout=httpx.Timeout(600.0, connect=10.0)) as response:
            if not response.is_success:
                response.read()
                raise self._problem(response, _PROBLEMS)
            yield response.iter_bytes(1 << 20)

    def _sent(self, content: Content) -> Iterator[bytes]:
        for block in content():
            if self._stopping.is_set():
                raise Stopped
            yield block

    def _pause(self) -> None:
        """Wait as long as the server asked us to, whichever thread it was that it asked."""
        while (left_s := self._not_before_s - time.monotonic()) > 0:
            self.wait(left_s)
        if self._stopping.is_set():
            raise Stopped

    def _put_off(self, response: httpx.Response, problem: Problem) -> None:
        try:
            seconds = max(1.0, float(response.headers.get("Retry-After", LATER_S)))
        except ValueError:
            seconds = LATER_S
        with self._turn:
            now_s = time.monotonic()
            if self._not_before_s <= now_s:
                self.said(f"{problem}; waiting {seconds:.0f} s")
            self._not_before_s = max(self._not_before_s, now_s + seconds)

    def _decoded(self, response: httpx.Response, reads: Callable[[bytes], T]) -> T:
        try:
            return reads(response.content)
        except msgspec.DecodeError as error:
            raise self._not_understood(response) from error

    def _problem(self, response: httpx.Response, problems: Mapping[int, type[Problem]]) -> Problem:
        status = response.status_code
        if version.HEADER not in response.headers or status in (
            HTTPStatus.METHOD_NOT_ALLOWED,
            HTTPStatus.NOT_ACCEPTABLE,
        ):
            return self._not_understood(response)
        try:
            detail = msgspec.json.decode(response.content, type=_Problem).detail
        except msgspec.DecodeError:
            return self._not_understood(response)
        if status == HTTPStatus.NOT_FOUND and detail == "Not Found":  # the path itself: another version's
            return self._not_understood(response)
        if status in problems:
            return problems[status](detail)
        if status == HTTPStatus.UNAUTHORIZED:
            why = "does not know this API key, or it was revoked" if self._key else "asks for an API key"
            return ServerProblem(f"{self.url} {why}: set {KEY_VARIABLE}")
        return ServerProblem(f"{self.url}: {detail or response.reason_phrase}")

    def _not_understood(self, response: httpx.Response) -> ServerProblem:
        """An answer that no server of this version gives."""
        theirs, ours = response.headers.get(version.HEADER), version.version()
        if response.is_redirect:
            where = response.headers.get("Location", "another address")
            return ServerProblem(f"{self.url} sends on to {where}: name that server in QA_SERVER")
        if theirs is None:
            what = f"{response.status_code} {response.reason_phrase}".strip()
            return ServerProblem(f"{self.url} answers {what}, and not as a server of empathy-qa does")
        if theirs != ours:
            return ServerProblem(f"{self.url} is of version {theirs}, and this program of {ours}: bring both to one")
        return ServerProblem(f"{self.url} answers {response.status_code} in a form that is not understood")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except httpx.ConnectTimeout as error:
            raise ServerProblem(f"{self.url} cannot be reached: no answer within {TIMEOUT.connect:.0f} s") from error
        except httpx.TimeoutException as error:
            raise ServerProblem(f"{self.url} does not answer; ask again in a moment") from error
        except httpx.ConnectError as error:
            raise ServerProblem(self._unreached(error)) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            if self._stopping.is_set():
                raise Stopped from error
            raise ServerProblem(f"{self.url}: the connection broke ({error}); ask again in a moment") from error

    def _unreached(self, error: httpx.ConnectError) -> str:
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, ssl.SSLError):
            cause = cause.__cause__ or cause.__context__
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = cause.verify_message or "it cannot be checked"
            return (
                f"{self.url} has a certificate that is not trusted ({why}): put its authority's into a file, and name "
                "that in SSL_CERT_FILE"
            )
        if cause is not None:
            return f"{self.url} does not speak TLS as it should ({error}): is it https there?"
        return f"{self.url} cannot be reached ({error}): is the server running, and its address right?"


def _checked(key: str | None) -> str | None:
    key = (key or "").strip()
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise SettingsProblem(f"{KEY_VARIABLE} has characters that no key has: set it as `qa keys create` printed it")
    return key or None


def _is_loopback(url: str) -> bool:
    host = httpx.URL(url).host
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
