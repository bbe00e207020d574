"""The model hub: what its cache holds, and a program that brings one repository into it.

The only place that uses huggingface_hub. Fetching is a program of its own (this file, run with a repository as its
argument), so that whoever started it can end it when nothing comes any more: a hub that accepts and never answers
would else hold its caller for minutes. It writes lines of `Progress DONE of TOTAL` (bytes); where it fails, the last
line says why.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import huggingface_hub
import huggingface_hub.constants
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
from tqdm.auto import tqdm  # type: ignore[import-untyped]

FILES = ["config.json", "preprocessor_config.json", "model.bin", "tokenizer.json", "vocabulary.*"]


def address() -> str:
    """The hub that is asked: `HF_ENDPOINT`, else the public one."""
    return os.environ.get("HF_ENDPOINT") or str(huggingface_hub.constants.ENDPOINT)


def cached(repository: str) -> Path | None:
    """The folder of a repository's files in the hub's cache, None where there is none. Asks no network.

    It may lack files, after a fetch that was broken off.
    """
    try:
        return Path(huggingface_hub.snapshot_download(repository, local_files_only=True, allow_patterns=FILES))
    except (LocalEntryNotFoundError, OSError):
        return None


class _Lines(tqdm):  # type: ignore[misc]
    """The hub library's progress bar, as lines for the program that reads them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # `name` is the library's own; every update counts, or a slow network would look like a dead one.
        kwargs.pop("name", None)
        super().__init__(*args, **{**kwargs, "miniters": 1, "disable": False})

    def display(self, *_args: Any, **_kwargs: Any) -> None:
        if self.unit == "B":
            print(f"Progress {int(self.n)} of {int(self.total or 0)}", flush=True)

    def clear(self, *_args: Any, **_kwargs: Any) -> None:
        """Nothing was drawn, so there is nothing to wipe."""


def main(repository: str) -> int:
    """Bring the repository's model into the cache; 0 when all is there."""
    try:
        huggingface_hub.snapshot_download(repository, allow_patterns=FILES, tqdm_class=_Lines)
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        cause = error.__cause__ or error
        print(f"{type(cause).__name__}: {cause}".splitlines()[0], flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
