"""Models from the hub: whole or not at all, and no waiting for a hub that does not answer."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from transcription import fetching, models
from transcription.errors import ModelProblem

if TYPE_CHECKING:
    from tests.models.conftest import Hub


def test_a_model_comes_from_the_hub_with_progress(hub: Hub) -> None:
    """`locate` fetches at first use, tells how far it is, and asks nobody the next time."""
    seen: list[tuple[int, int]] = []
    model = models.locate("small.en", progress=lambda done, total: seen.append((done, total)))
    assert model.sha256 == hashlib.sha256(hub.model).hexdigest()
    assert model.languages == "en"
    assert max(done for done, _ in seen) == max(total for _, total in seen) > len(hub.model)
    asked = len(hub.asked)
    assert models.locate("small.en") == model
    assert models.fetch("small.en") == model
    assert len(hub.asked) == asked
    assert not any(path.endswith("README.md") for path in hub.asked)


def test_nothing_is_fetched_when_it_was_not_allowed(hub: Hub) -> None:
    """`fetch=False` says which command brings the model, without a word to the hub."""
    with pytest.raises(ModelProblem, match=r"qa models fetch small\.en"):
        models.locate("small.en", fetch=False)
    assert hub.asked == []


def test_a_silent_hub_is_given_up(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub that accepts and never answers costs seconds, and the message says what else can be done."""
    hub.behaviour = "silent"
    monkeypatch.setattr(fetching, "ANSWER_S", 3.0)
    started = time.monotonic()
    with pytest.raises(ModelProblem, match=rf"{hub.url} \(nothing came for 3 s\).*tiny\.en or base"):
        models.fetch("small.en")
    assert time.monotonic() - started < 9
    assert hub.asked != []


def test_half_a_download_is_no_model(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub that stops half-way leaves nothing that is taken for a model; a later fetch makes it whole."""
    hub.behaviour = "stalling"
    monkeypatch.setattr(fetching, "STALL_S", 2.0)
    with pytest.raises(ModelProblem, match="nothing came for 2 s"):
        models.locate("small.en")
    with pytest.raises(ModelProblem, match=r"qa models fetch small\.en"):
        models.locate("small.en", fetch=False)
    assert {row.name: row.dir for row in models.listing()}["small.en"] is None
    hub.behaviour = "well"
    assert models.fetch("small.en").sha256 == hashlib.sha256(hub.model).hexdigest()


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "http://no-such-hub.invalid"])
def test_a_hub_that_cannot_be_reached_is_named(hub: Hub, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """No connection, or no such host: one line with the address and the cause."""
    monkeypatch.setenv("HF_ENDPOINT", address)
    with pytest.raises(ModelProblem, match=rf"{address} \(ConnectError") as caught:
        models.fetch("small.en")
    assert "\n" not in str(caught.value)
    assert hub.asked == []


def test_a_hub_that_is_down_is_named(hub: Hub) -> None:
    """A hub that answers with an error is quoted."""
    hub.behaviour = "failing"
    with pytest.raises(ModelProblem, match="503"):
        models.fetch("small.en")


def test_damage_in_the_hubs_cache_is_seen_and_repaired(hub: Hub, tmp_path: Path) -> None:
    """The cache names a large file by its hash, which is held against its bytes before each use."""
    model = models.fetch("small.en")
    blob = (model.dir / "model.bin").resolve()
    assert blob.is_relative_to(tmp_path)
    blob.write_bytes(hub.model[:-1] + b"x")
    with pytest.raises(ModelProblem, match=r"damaged.*qa models fetch small\.en"):
        models.locate("small.en")
    assert models.fetch("small.en") == model
