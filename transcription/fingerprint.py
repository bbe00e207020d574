"""Hashes of our own code, so that what other code made is never taken for what this code would make."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

CANNOT_CHANGE_A_WORD = frozenset(
    (
        "__init__.py",
        "disk.py",
        "errors.py",
        "fetching.py",
        "fingerprint.py",
        "formats.py",
        "hub.py",
        "models.py",
        "subtitles.py",
    )
)
"""Modules of this package whose code no transcript depends on: other forms, finding and fetching models."""


def of_code(package: str, *, only: Collection[str] | None = None, without: Collection[str] = ()) -> str:
    """SHA-256 in hex over the source of a package's modules, or of some of them, with their names.

    Packages inside it count too, by the path of their modules from it.
    """
    digest = hashlib.sha256()
    for name, source in sorted(_modules(files(package))):
        if name not in without and (only is None or name in only):
            digest.update(name.encode() + b"\0" + source + b"\0")
    return digest.hexdigest()


def _modules(folder: Traversable, inside: str = "") -> Iterator[tuple[str, bytes]]:
    for each in folder.iterdir():
        if each.is_dir():
            yield from _modules(each, f"{inside}{each.name}/")
        elif each.name.endswith(".py"):
            yield f"{inside}{each.name}", each.read_bytes()


@cache
def of_transcription() -> str:
    """The same over all code that can change a transcript."""
    return of_code("transcription", without=CANNOT_CHANGE_A_WORD)
