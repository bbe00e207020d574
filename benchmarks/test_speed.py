"""Time of transcription beside faster-whisper's, in pairs in the same run.

    QA_BENCH_SPOKEN=DIR make bench

DIR holds the spoken calls with their truth. The same race with its seconds: python -m benchmarks.speed DIR.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import transcription
from benchmarks import cache, speed
from benchmarks.ours import Ours
from transcription import models

FOLDER = os.environ.get("QA_BENCH_SPOKEN")


@pytest.mark.skipif(not FOLDER, reason="QA_BENCH_SPOKEN names no folder with the spoken calls and their truth")
@pytest.mark.parametrize("name", ["tiny.en", "base"])
def test_transcription_is_quicker_than_one_channel_after_the_other(benchmark: BenchmarkFixture, name: str) -> None:
    """Both channels in one pass take at most 0.45 of plain's time and 0.92 of batched's, and hear no worse."""
    ours = Ours(models.locate(name), settings=transcription.Settings(), where=cache.folder())

    result = benchmark.pedantic(  # type: ignore[no-untyped-call] # it has no types
        speed.race, args=(speed.six(Path(FOLDER or "")), ours), rounds=1
    )

    benchmark.extra_info |= {way: result.ratio(way) for way in speed.AIM}
    print("\n".join(["", *speed.lines(name, result)]))
    rates = {way: errors.rate or 0.0 for way, errors in result.word_errors.items()}
    assert rates["ours"] <= min(rates["plain"], rates["batched"]) + 0.01
    for way, aim in speed.AIM.items():
        assert result.ratio(way) <= aim
