"""`qa rubric try`: what a few lines of talk are read as, so that an author sees at once what a phrase finds."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qa.cli.common import USAGE, json_option, print_json, put, store_option

if TYPE_CHECKING:
    from rubric.types import Evidence
    from transcription.types import Speaker, Transcript

_SPEAKERS: dict[str, Speaker] = {"a": "agent", "c": "customer"}


@click.command(
    "try",
    short_help="What a few lines are read as.",
    epilog="""\b
Examples:
  qa rubric try "C: My parcel never came." "A: Oh no, and you waited in for it."
  qa rubric try --rubric our-rubric.toml "A: I'll ring you back at nine."

A line begins with A: (the agent) or C: (the customer). Shown are the acts that are found, each with the rule and the
words, and what the rubric's criteria in phrases make of it.""",
)
@click.argument("lines", metavar="LINE...", nargs=-1, required=True)
@click.option("--rubric", "file", metavar="FILE", type=click.Path(path_type=Path), help="A rubric in TOML.")
@json_option
@store_option
def try_lines(lines: tuple[str, ...], file: Path | None, as_json: bool, store: str | None) -> int:  # noqa: ARG001 - every command takes it
    """Read each LINE as a turn of one conversation, and say what is found in it."""
    import rubric as rubrics

    transcript = _talk(lines)
    if transcript is None:
        click.echo("qa: a line begins with A: (the agent) or C: (the customer), and has words behind it", err=True)
        return USAGE
    judge = rubrics.load(file)
    own = {each.id for each in judge.criteria if each.check.__struct_config__.tag == "phrases"}
    acts = rubrics.find_acts(transcript)
    scores = [each for each in rubrics.score(transcript, judge).scores if each.criterion in own]
    if as_json:
        print_json({"acts": acts, "criteria": scores})
        return 0
    found: dict[int, list[tuple[str, Evidence]]] = defaultdict(list)
    for act in acts:
        found[act.evidence.turn].append((act.label, act.evidence))
    for turn in transcript.turns:
        put(f"{turn.speaker}: {turn.text}")
        for label, words in found[turn.index]:
            put(f"    {label}: «{words.quote}»  {words.rule}")
        if not found[turn.index]:
            put("    nothing")
    for score in scores:
        put("", f"{score.criterion}: {score.verdict.replace('_', ' ')}. {score.reason}")
        for words in score.evidence:
            put(f"    «{words.quote}»")
    return 0


def _talk(lines: tuple[str, ...]) -> Transcript | None:
    """The lines as a conversation; None where one has no speaker or no words."""
    from transcription.types import Transcript, Turn

    turns = []
    for index, line in enumerate(lines):
        who, _, text = line.partition(":")
        speaker = _SPEAKERS.get(who.strip().lower()[:1])
        if speaker is None or not text.strip():
            return None
        turns.append(Turn(index, speaker, None, None, " ".join(text.split())))
    return Transcript(turns=tuple(turns), language="en", times_from="none")
