"""Judging in a process of its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from multiprocessing import active_children
from multiprocessing.process import BaseProcess

import qa.demo
import rubric
from qa.judging import JudgeProcess, judge
from tests.waiting import until
from transcription import formats


def test_a_transcript_is_judged_although_the_process_is_lost() -> None:
    """While it has the transcript, and while it has nothing to do; what comes out is what comes out here."""
    transcript = formats.read(qa.demo.FOLDER / "conversations" / "north-01.json")
    ask = partial(judge, transcript, rubric.load(), speakers_settled=False)
    with closing(JudgeProcess(memory_bytes=8_000_000_000)) as process, ThreadPoolExecutor(1) as threads:
        there = partial(process, *ask.args, **ask.keywords)
        before = set(active_children())
        judged = threads.submit(there)
        until(lambda: set(active_children()) - before != set())
        lose(before)
        assert judged.result() == ask()
        lose(before)
        assert there() == ask()


def lose(kept: set[BaseProcess]) -> None:
    """Kill the processes that have come since."""
    for child in set(active_children()) - kept:
        child.kill()
