"""Where a rubric author begins: the default rubric under a name of their own, and criteria in phrases to copy."""

from __future__ import annotations

from importlib.resources import files

_HEAD = """\
# A rubric of our own. It asks what the default one asks until it is changed.
#
#   qa rubric check FILE      is it right?
#   qa rubric show FILE       what it asks, in words
#   qa score --rubric FILE    score by it; qa rescore --rubric FILE what was scored before
#
# Take out what is not wanted. max_points say what a criterion is worth beside the others; they need not add up to 100.
# Each number has its sentence in docs/rubric.md; so has the language of phrases.

id = "ours"                # stands on every scorecard
title = "Our rubric"
"""

_OWN = """
# Criteria of one's own need no Python: what is said, or should not be, by whom and when. Three to begin with; take the
# "# " away before each line of those that are wanted.
"""


def examples() -> str:
    """Three criteria in phrases, in TOML."""
    return _resource("examples.toml")


def starting_point() -> str:
    """A rubric file to change: right as it is, with the examples as comments."""
    default = _resource("default.toml")
    asked = default[default.index("\nlanguage =") + 1 :]
    commented = "".join(f"# {line}".rstrip() + "\n" for line in examples().splitlines())
    return f"{_HEAD}{asked}{_OWN}\n{commented}"


def _resource(name: str) -> str:
    return files("rubric").joinpath(name).read_text(encoding="utf-8")
