"""What writes a transcript, and with which settings: enough to know one again, without loading any of it."""

from __future__ import annotations

from importlib.metadata import version

import msgspec

from transcription.types import Engine

RECOGNISER = f"faster-whisper {version('faster-whisper')}"


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything but the model that can change a transcript.

    `language` None: detected where the model knows several. `turn_gap_s`: silence that ends a turn.
    `batch_size` changes the speed alone.
    """

    language: str | None = None
    beam_size: int = 5
    turn_gap_s: float = 0.6
    max_duration_s: float = 4 * 3600.0
    batch_size: int = 8


def engine(model: str, model_sha256: str | None, settings: Settings) -> Engine:
    """What a transcript by this model with these settings says of where it came from."""
    kept = {name: value for name, value in msgspec.to_builtins(settings).items() if name != "batch_size"}
    return Engine(name=RECOGNISER, model=model, model_sha256=model_sha256, settings=kept)
