"""Processes that work for the server."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

from qa.jobs.processes import Processes


def test_a_process_outlives_the_thread_that_gave_it_its_first_task() -> None:
    """A thread of the server that has had nothing to do for a while ends, and takes no process with it."""
    processes = Processes(1, memory_bytes=2_000_000_000)
    try:
        with ThreadPoolExecutor(1) as threads:
            first = threads.submit(lambda: processes.submit(os.getpid).result(timeout=60)).result()
        assert processes.submit(os.getpid).result(timeout=60) == first
    finally:
        processes.close()
    assert processes.submit(os.getpid).cancelled()
