"""The word lists of cues/lists.toml."""

from functools import cache

import msgspec

from rubric.resources import cue_file


@cache
def _lists() -> dict[str, frozenset[str]]:
    raw = cue_file("lists.toml")
    return {name: frozenset(words.split()) for name, words in msgspec.toml.decode(raw, type=dict[str, str]).items()}


def words(name: str) -> frozenset[str]:
    """A list by its name."""
    return _lists()[name]
