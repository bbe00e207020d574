"""Hashes of our own code, so that what other code made is never taken for what this code would make."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from functools import cache
from importlib.resources import files

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
    """SHA-256 in hex over the source of a package's modules, or of some of them, with their names."""
    digest = hashlib.sha256()
    for module in sorted(files(package).iterdir(), key=lambda module: module.name):
        name = module.name
        if name.endswith(".py") and name not in without and (only is None or name in only):
            digest.update(name.encode() + b"\0" + module.read_bytes() + b"\0")
    return digest.hexdigest()


@cache
def of_transcription() -> str:
    """The same over all code that can change a transcript."""
    return of_code("transcription", without=CANNOT_CHANGE_A_WORD)
