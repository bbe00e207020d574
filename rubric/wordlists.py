"""The word lists of cues/lists.toml."""

from functools import cache
from importlib.resources import files

import msgspec


@cache
def _lists() -> dict[str, frozenset[str]]:
    raw = files("rubric").joinpath("cues").joinpath("lists.toml").read_bytes()
    return {name: frozenset(words.split()) for name, words in msgspec.toml.decode(raw, type=dict[str, str]).items()}


def words(name: str) -> frozenset[str]:
    """A list by its name."""
    return _lists()[name]
