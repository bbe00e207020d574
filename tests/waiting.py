"""Waiting for what a test wants, rather than for a while."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(holds: Callable[[], bool], *, within_s: float = 60.0) -> None:
    """Return once it holds; raises TimeoutError where it never does."""
    end = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.02)
