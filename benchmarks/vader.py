"""How long judging a call in words takes beside VADER's one number for the same turns.

    python -m benchmarks.vader [--turns 40] [--rounds 15]

VADER (vaderSentiment) is what most would reach for. Both read the same turns of the project's own conversations, in
pairs in the same run: a round takes one and then the other, so that whatever else the machine does meets both. The
product's part is all of it, from the transcript to the scorecard with its acts and evidence. It is told for calls of
several lengths, since it should grow with the turns and no faster.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import click
import msgspec
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

import rubric
from benchmarks import conversations
from transcription.types import Transcript, Turn

AIM = 10.0
OWN = Path("tests/rubric/conversations")


def calls(turns: int, count: int) -> list[Transcript]:
    """So many transcripts of so many turns, cut from the project's conversations laid end to end."""
    said = [
        turn
        for path in sorted(OWN.glob("*.txt"))
        for each in conversations.read(path)
        if each.channel == "voice"
        for turn in each.transcript().turns
    ]
    step = max(1, (len(said) - turns) // count)
    made = []
    for at in range(0, step * count, step):
        part = said[at : at + turns]
        mine = tuple(Turn(n, turn.speaker, 4.0 * n, 4.0 * n + 3.5, turn.text) for n, turn in enumerate(part))
        made.append(Transcript(turns=mine, language="en", times_from="turns"))
    return made


def seconds(work: Callable[[], object]) -> float:
    """How long it takes, in seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


class Pairs(msgspec.Struct, frozen=True):
    """The median seconds a call of each, and the median of the rounds' ratios."""

    ours_s: float
    vader_s: float
    ratio: float


def race(transcripts: list[Transcript], rounds: int) -> Pairs:
    """Every call by both, so many times; the first of each, untimed, fills what is kept between calls."""
    judge, vader = rubric.load(), SentimentIntensityAnalyzer()

    def ours() -> None:
        for each in transcripts:
            rubric.score(each, judge)

    def theirs() -> None:
        for each in transcripts:
            for turn in each.turns:
                vader.polarity_scores(turn.text)

    ours()
    theirs()
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(rounds)]
    count = len(transcripts)
    return Pairs(
        statistics.median(pair[0] for pair in pairs) / count,
        statistics.median(pair[1] for pair in pairs) / count,
        statistics.median(mine / other for mine, other in pairs),
    )


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--turns", "lengths", multiple=True, default=(20, 40, 80, 160), show_default=True, help="May be repeated."
)
@click.option("--rounds", type=click.IntRange(min=1), default=9, show_default=True)
@click.option("--calls", "count", type=click.IntRange(min=1), default=10, show_default=True, help="Of each length.")
def main(*, lengths: tuple[int, ...], rounds: int, count: int) -> None:
    """Time the product's judging of words beside VADER."""
    for turns in lengths:
        found = race(calls(turns, count), rounds)
        click.echo(
            f"{turns:4} turns: ours {1000 * found.ours_s:6.1f} ms, VADER {1000 * found.vader_s:5.2f} ms, "
            f"{found.ratio:.1f} times as long (aim: at most {AIM:g})"
        )


if __name__ == "__main__":
    main()
