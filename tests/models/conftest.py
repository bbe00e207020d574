"""A model hub on loopback, which speaks as much of the hub's protocol as fetching a repository takes."""

import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import huggingface_hub
import huggingface_hub.constants
import pytest

COMMIT = "1" * 40
SMALL_FILES = {
    "config.json": b"{}",
    "tokenizer.json": b"{}",
    "vocabulary.json": json.dumps(["word"] * 51_864).encode(),
    "README.md": b"not wanted",
}


@dataclass
class Hub:
    """What the hub serves, and how badly. `asked` is every path that was asked for."""

    url: str = ""
    model: bytes = b"weights" * 100_000
    behaviour: str = "well"
    asked: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def files(self) -> dict[str, bytes]:
        return {**SMALL_FILES, "model.bin": self.model}


def _etag(name: str, content: bytes) -> str:
    digest = hashlib.sha256(content) if name == "model.bin" else hashlib.sha1(content, usedforsecurity=False)
    return digest.hexdigest()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def log_message(self, *_args: object) -> None:
        pass

    def _answer(self, *, body: bool) -> None:
        path = self.path.partition("?")[0]
        self.hub.asked.append(path)
        if self.hub.behaviour == "silent":
            self.hub.over.wait()
        elif self.hub.behaviour == "failing":
            self._send(503, b"down", body=body)
        elif path.startswith("/api/models/"):
            self._send(200, json.dumps(self._about(path)).encode(), {"Content-Type": "application/json"}, body=body)
        else:
            name = path.rpartition("/")[2]
            content = self.hub.files[name]
            headers = {"ETag": f'"{_etag(name, content)}"', "X-Repo-Commit": COMMIT}
            self._send(200, content, headers, body=body, half=self.hub.behaviour == "stalling" and name == "model.bin")

    def _about(self, path: str) -> object:
        if "/tree/" not in path:
            return {"id": "Systran/faster-whisper-small.en", "sha": COMMIT, "siblings": []}
        return [
            {"type": "file", "path": name, "size": len(content), "oid": _etag("", content)}
            for name, content in self.hub.files.items()
        ]

    def _send(
        self, status: int, content: bytes, headers: dict[str, str] | None = None, *, body: bool, half: bool = False
    ) -> None:
        self.send_response(status)
        for key, value in {**(headers or {}), "Content-Length": str(len(content))}.items():
            self.send_header(key, value)
        self.end_headers()
        if body:
            self.wfile.write(content[: len(content) // 2] if half else content)
        if body and half:
            self.wfile.flush()
            self.hub.over.wait()


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    """A hub, with an empty cache and an empty model folder of ours."""
    served = Hub()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": served}))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    served.url = f"http://127.0.0.1:{server.server_address[1]}"
    monkeypatch.setenv("HF_ENDPOINT", served.url)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub" / "hub"))
    monkeypatch.setenv("QA_MODELS", str(tmp_path / "models"))
    yield served
    served.over.set()
    server.shutdown()
    server.server_close()
