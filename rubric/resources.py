"""The data files of the cues, which come with the package."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable


def cues() -> Traversable:
    """The folder that they are in."""
    return files("rubric").joinpath("cues")


def cue_file(name: str) -> bytes:
    """The bytes of one of them."""
    return cues().joinpath(name).read_bytes()
