"""What all trials share: their sum, a line a minute, and the memory of processes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

UNLIMITED = {"QA_MAX_REQUESTS_PER_MINUTE": str(10**9), "QA_MIN_FREE_BYTES": "0"}
"""Settings under which a trial is not put off for asking too often, or for a small disk."""

Say = Callable[[str], None]


class Sum(msgspec.Struct, frozen=True):
    """What came of a trial: its figures by name, and each promise that was broken, in a sentence."""

    figures: dict[str, float | int | str]
    broken: tuple[str, ...]


def minutes(show: Say, *, every_s: float = 60.0) -> Say:
    """Shows the first line that it is told, and then one a minute at the most."""
    last = -every_s

    def say(line: str) -> None:
        nonlocal last
        if time.monotonic() - last >= every_s:
            last = time.monotonic()
            show(line)

    return say


def peak_bytes(process_id: int) -> int:
    """The most resident memory that a process has had so far; 0 where it has ended, or the kernel does not say."""
    try:
        status = Path(f"/proc/{process_id}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    found = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(found[0]) * 1024 if found else 0


class Highest:
    """The highest resident memory of processes that come and go, in bytes."""

    def __init__(self) -> None:
        self.bytes = 0

    def look(self, process_ids: list[int]) -> None:
        """Take note of how much each has had."""
        self.bytes = max([self.bytes, *map(peak_bytes, process_ids)])


@contextmanager
def watched(process_ids: Callable[[], list[int]], *, every_s: float = 0.5) -> Iterator[Highest]:
    """The highest memory of these processes while the block runs; one that ends between two looks may have had more."""
    highest, over = Highest(), threading.Event()

    def look() -> None:
        while not over.wait(every_s):
            highest.look(process_ids())

    thread = threading.Thread(target=look, name="memory")
    thread.start()
    try:
        yield highest
    finally:
        over.set()
        thread.join()
