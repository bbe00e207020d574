"""Slow results kept on disk between runs, in the user's own cache and never in the repository."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, TypeVar

import msgspec

Value = TypeVar("Value")


def folder() -> Path:
    """Where results are kept unless another place is named."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "empathy-qa-benchmarks"


def sha256(path: Path) -> str:
    """The file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def kept(
    where: Path, meaning: list[Any], kind: type[Value], make: Callable[[], Value], *, fresh: bool = False
) -> Value:
    """The value that `make` gives, from `where` if it was made before with the same `meaning`.

    `fresh` makes it again. Written whole or not at all: two runs may share a cache.
    """
    path = where / f"{hashlib.sha256(msgspec.json.encode(meaning, order='sorted')).hexdigest()}.json"
    if path.exists() and not fresh:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    value = make()
    where.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=where, delete=False) as file:
        file.write(msgspec.json.encode(value))
    Path(file.name).replace(path)
    return value
