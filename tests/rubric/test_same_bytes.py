"""A scorecard is the same, byte for byte, in whatever process it is made."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
# In these a label's weights add up to nought but for the order of adding.
ON_THE_EDGE = ("s1-31", "s9-05", "s19-16")
PROGRAM = f"""
import sys
from pathlib import Path
import rubric
from benchmarks import conversations
for path in sorted(Path({str(HERE / "conversations")!r}).glob("*.txt")):
    if any(name.startswith(path.stem + "-") for name in {ON_THE_EDGE!r}):
        for each in conversations.read(path):
            if each.id in {ON_THE_EDGE!r}:
                card = rubric.score(each.transcript(), rubric.load())
                sys.stdout.buffer.write(rubric.scorecard_json(card) + b"\\n")
"""


def scored(seed: int) -> bytes:
    """The scorecards of the conversations, from a process whose sets come in an order of their own."""
    environment = os.environ | {"PYTHONHASHSEED": str(seed), "PYTHONPATH": str(HERE.parents[1])}
    return subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, check=True).stdout


def test_the_order_of_sets_changes_no_scorecard() -> None:
    """Processes with other hash seeds give the same bytes."""
    first = scored(0)
    assert first.count(b"\n") == len(ON_THE_EDGE)
    for seed in (1, 2, 3):
        assert scored(seed) == first
