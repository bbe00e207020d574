"""A model hub on loopback, which speaks as much of the hub's protocol as fetching a repository takes."""

import hashlib
import http.server
import json
import threading
from dataclasses import dataclass, field

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


def handler(hub: Hub) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def log_message(self, *_args: object) -> None:
            pass

        def _answer(self, *, body: bool) -> None:
            path = self.path.partition("?")[0]
            hub.asked.append(path)
            if hub.behaviour == "silent":
                hub.over.wait()
            elif hub.behaviour == "failing":
                self._send(503, b"down", {}, body=body)
            elif path.startswith("/api/models/") and "/tree/" in path:
                tree = [
                    {"type": "file", "path": name, "size": len(content), "oid": _etag("", content)}
                    for name, content in hub.files.items()
                ]
                self._send(200, json.dumps(tree).encode(), {"Content-Type": "application/json"}, body=body)
            elif path.startswith("/api/models/"):
                info = {"id": "Systran/faster-whisper-small.en", "sha": COMMIT, "siblings": []}
                self._send(200, json.dumps(info).encode(), {"Content-Type": "application/json"}, body=body)
            else:
                name = path.rpartition("/")[2]
                content = hub.files[name]
                headers = {"ETag": f'"{_etag(name, content)}"', "X-Repo-Commit": COMMIT}
                self._send(200, content, headers, body=body, stall=hub.behaviour == "stalling" and name == "model.bin")

        def _send(
            self, status: int, content: bytes, headers: dict[str, str], *, body: bool, stall: bool = False
        ) -> None:
            self.send_response(status)
            for key, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(key, value)
            self.end_headers()
            if body and stall:
                self.wfile.write(content[: len(content) // 2])
                self.wfile.flush()
                hub.over.wait()
            elif body:
                self.wfile.write(content)

    return Handler


