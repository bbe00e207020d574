"""The loopback hub as a fixture."""

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import huggingface_hub
import pytest

from tests.models.loopback_hub import Hub, handler


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    """A hub, with an empty cache and an empty model folder of ours."""
    served = Hub()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler(served))
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
