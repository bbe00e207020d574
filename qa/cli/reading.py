"""A call as a person reads it in a terminal: the talk with its evidence marked, then the scorecard that rests on it.

Evidence stands between « and » with its number, in the talk as in the scorecard, so that it can be found without
colour as well as with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from qa.cli import measured
from qa.store import StoredCall
from rubric import accuracy
from rubric.types import Evidence, Interruption, Score, Scorecard
from transcription.types import Transcript, Turn

VERDICTS = {
    "met": "green",
    "partly": "yellow",
    "missed": "red",
    "not_applicable": "dim",
    "not_scorable": "magenta",
}
SPEAKERS = {"agent": "cyan", "customer": "blue", "unknown": "dim"}

Numbers = Mapping[Evidence, int]


def clock(seconds: float | None) -> str:
    """1:02, or 1:00:02 from an hour on; an en dash where the time is not known."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"


def percent_text(percent: float | None) -> str:
    """A percent without decimals, or that there is none."""
    return "no percent" if percent is None else f"{percent:.0f} %"


def numbered(scorecard: Scorecard) -> dict[Evidence, int]:
    """Each piece of evidence with the number under which it is shown, in the order of the scorecard."""
    numbers: dict[Evidence, int] = {}
    for score in scorecard.scores:
        for evidence in score.evidence:
            numbers.setdefault(evidence, len(numbers) + 1)
    return numbers


def talk(transcript: Transcript, scorecard: Scorecard) -> RenderableType:
    """The turns with their times; evidence marked and numbered, interruptions said in a line of their own."""
    numbers = numbered(scorecard)
    marks: dict[int, list[tuple[Evidence, int]]] = {}
    for evidence, number in numbers.items():
        marks.setdefault(evidence.turn, []).append((evidence, number))
    cuts = {cut.turn: cut for cut in scorecard.interruptions.found}
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", min_width=5, no_wrap=True, style="dim")
    table.add_column(min_width=8, no_wrap=True)
    table.add_column()
    for turn in transcript.turns:
        if cut := cuts.get(turn.index):
            table.add_row("", "", Text(_cutting_in(cut), style="bold red"))
        speaker = Text(turn.speaker, style=SPEAKERS[turn.speaker])
        table.add_row(_when(turn), speaker, _said(turn, marks.get(turn.index, [])))
    return table


def _when(turn: Turn) -> str:
    if turn.start_s is None and turn.sent_at:
        return turn.sent_at[11:16]
    return clock(turn.start_s)


def _cutting_in(cut: Interruption) -> str:
    severe = ", severe" if cut.severe else ""
    other = "the customer" if cut.by == "agent" else "the agent"
    while_venting = " while the customer vents" if cut.venting else ""
    return f"▼ the {cut.by} cuts in on {other}{while_venting}: {cut.overlap_s:.1f} s of overlap{severe}"


def _said(turn: Turn, marks: list[tuple[Evidence, int]]) -> Text:
    """The turn's text with « » around what is evidence, and its numbers behind it; what overlaps is marked as one."""
    words = turn.text.split()
    if not words:
        return Text("(speech not recognised)", style="dim italic")
    text = Text(style="dim" if turn.backchannel else "")
    at = 0
    for start, end, numbers in _stretches(marks, len(words)):
        text.append("".join(f"{word} " for word in words[at:start]))
        text.append(f"«{' '.join(words[start:end])}»[{', '.join(map(str, numbers))}]", style="bold green")
        text.append(" " if end < len(words) else "")
        at = end
    text.append(" ".join(words[at:]))
    if turn.backchannel:
        text.append(" (backchannel)", style="dim")
    return text


def _stretches(marks: list[tuple[Evidence, int]], words: int) -> list[tuple[int, int, list[int]]]:
    """The stretches of a turn's words that are evidence, in order and apart, each with its numbers."""
    found: list[tuple[int, int, list[int]]] = []
    for evidence, number in sorted(marks, key=lambda each: (each[0].words, each[1])):
        start, end = max(0, evidence.words[0]), min(words, evidence.words[1])
        if found and start < found[-1][1]:
            first, last, numbers = found[-1]
            found[-1] = (first, max(last, end), sorted([*numbers, number]))
        elif start < end:
            found.append((start, end, [number]))
    return found


def card(scorecard: Scorecard, transcript: Transcript) -> RenderableType:
    """The scorecard: the percent, then each criterion with verdict, points, reason, proof and what was missed."""
    parts: list[RenderableType] = [_headline(scorecard), ""]
    if common := _common_reason(scorecard):
        parts += [Text(common, style="magenta"), ""]
    return Group(
        *parts, *_criteria(scorecard, transcript, common), *_remarks(scorecard, transcript, common), *_trust(scorecard)
    )


def _common_reason(scorecard: Scorecard) -> str | None:
    """Why nothing of the call could be judged, where one reason stands behind every criterion."""
    reasons = {score.reason for score in scorecard.scores if score.verdict == "not_scorable"}
    barred = len(scorecard.scores) > 1 and all(score.verdict == "not_scorable" for score in scorecard.scores)
    return next(iter(reasons)) if barred and len(reasons) == 1 else None


def _headline(scorecard: Scorecard) -> Text:
    earned = sum(score.points or 0 for score in scorecard.scores if score.points is not None)
    possible = sum(score.max_points for score in scorecard.scores if score.points is not None)
    text = Text(percent_text(scorecard.percent), style="bold")
    text.append(f"   {earned:g} of the {possible:g} points that applied", style="not bold")
    if scorecard.coverage is not None:
        text.append(f", coverage {100 * scorecard.coverage:.0f} %", style="not bold")
    if failed := _critical(scorecard):
        text.append(f"   {failed}", style="bold red")
    return text


def _critical(scorecard: Scorecard) -> str:
    """The critical criteria that were missed, which no percent may hide; empty where none was."""
    missed = [score.criterion for score in scorecard.scores if score.critical and score.verdict == "missed"]
    return f"critical, missed: {', '.join(missed)}" if missed else ""


def _criteria(scorecard: Scorecard, transcript: Transcript, common: str | None) -> Iterator[RenderableType]:
    numbers = numbered(scorecard)
    for score in scorecard.scores:
        line = Table.grid(padding=(0, 1))
        line.add_column(min_width=20, no_wrap=True)
        line.add_column(min_width=15, no_wrap=True)
        line.add_column()
        verdict = Text(_spoken(score.verdict), style=VERDICTS[score.verdict])
        line.add_row(
            Text(score.criterion, style="bold"),
            verdict,
            Text(_points(score) + (" (critical)" if score.critical else "")),
        )
        yield line
        if common is None:
            yield Padding(Text(score.reason), (0, 0, 0, 2))
            yield from _proof(score, numbers, transcript)
            yield ""
    if common is not None:
        yield ""


def _points(score: Score) -> str:
    if score.points is None:
        return f"– of {score.max_points:g}"
    return f"{score.points:g} of {score.max_points:g} points"


def _proof(score: Score, numbers: Numbers, transcript: Transcript) -> Iterator[RenderableType]:
    speakers = {turn.index: turn.speaker for turn in transcript.turns}
    table = Table.grid(padding=(0, 1))
    table.add_column(min_width=6, justify="right", no_wrap=True)
    table.add_column(min_width=5, justify="right", no_wrap=True, style="dim")
    table.add_column(min_width=8, no_wrap=True)
    table.add_column()
    for evidence in score.evidence:
        quote = Text(f"«{evidence.quote}»", style="green")
        quote.append(f"  {_rule(evidence.rule)}", style="dim")
        speaker = speakers.get(evidence.turn, "unknown")
        table.add_row(f"[{numbers[evidence]}]", clock(evidence.start_s), Text(speaker, style=SPEAKERS[speaker]), quote)
    if score.verdict in {"missed", "partly"}:
        for occasion in score.occasions:
            if occasion.answered_by is None:
                speaker = speakers.get(occasion.evidence.turn, "unknown")
                quote = Text(f"the moment ({_spoken(occasion.kind)}): “{occasion.evidence.quote}”")
                when = clock(occasion.evidence.start_s)
                table.add_row("–", when, Text(speaker, style=SPEAKERS[speaker]), quote)
    if table.row_count:
        yield table


def _rule(name: str) -> str:
    """A rule by its name in docs/rules.md; what was learnt, and what only the turn's shape shows, are called so."""
    label, learnt, stems = name.partition(".words:")
    if learnt:
        return f"{label}: wording learnt from examples (“{stems}”)"
    return name if "." in name else f"the turn's shape: {name}"


def _remarks(scorecard: Scorecard, transcript: Transcript, common: str | None) -> Iterator[RenderableType]:
    found = scorecard.interruptions
    if found.unknown:
        why = "" if found.unknown == common else f": {found.unknown}"
        yield Text(f"Interruptions are not known{why.rstrip('.')}.")
    else:
        by_agent = sum(each.by == "agent" for each in found.found)
        yield Text(f"Interruptions: {by_agent} by the agent, {len(found.found) - by_agent} by the customer.")
    told = {common}
    for reason in scorecard.reasons:
        if reason not in told:
            yield Text(reason, style="magenta")
            told.add(reason)
    doubts = {doubt.code: doubt.reason for doubt in transcript.doubts if doubt.reason not in told}
    for code, reason in doubts.items():
        yield Text(f"Doubt: {code}: {reason}", style="magenta")
    for flag in scorecard.flags:
        if flag not in doubts:
            yield Text(f"Flag: {flag}", style="magenta")


def _trust(scorecard: Scorecard) -> Iterator[RenderableType]:
    """How far the verdicts of the built-in rubric agree with readers, so that nobody takes them for more."""
    from rubric import load

    if scorecard.percent is None:
        return
    if scorecard.rubric.version != load().version:
        yield Text("Agreement with readers was measured for the built-in rubric, not for this one.", style="dim")
        return
    measured = {score.criterion: accuracy.verdicts(score.criterion) for score in scorecard.scores}
    known = [
        f"{name} {', '.join(f'{kappa:.2f} {kind}' for kind, kappa in kappas.items())}"
        for name, kappas in measured.items()
        if kappas
    ]
    unknown = ", ".join(name for name, kappas in measured.items() if not kappas)
    text = (
        f"Agreement of verdicts with readers, as kappa (1 is full, 0 is chance), on written conversations kept aside "
        f"and on real ones: {'; '.join(known)}. Not measured: {unknown}. More: qa rubric accuracy."
    )
    yield Text(text, style="dim")


def verdicts(scorecard: Scorecard) -> RenderableType:
    """Which criteria got which verdict, a line a verdict."""
    return Text("\n").join(
        Text.assemble((f"{_spoken(verdict)}: ", style), ", ".join(found))
        for verdict, style in VERDICTS.items()
        if (found := [score.criterion for score in scorecard.scores if score.verdict == verdict])
    )


def summary(recording: str, stored: StoredCall, notes: tuple[str, ...] = ()) -> RenderableType:
    """A scored call in a few lines: its percent, which criterion got which verdict, and what to take note of."""
    name = Text(recording, style="bold")
    name.append(f"   call {stored.metadata.contact_id or stored.call_id}", style="not bold dim")
    if stored.scorecard is None:
        return name
    table = Table.grid(padding=(0, 2))
    table.add_column(min_width=12, justify="right", no_wrap=True)
    table.add_column()
    table.add_row(Text(percent_text(stored.scorecard.percent), style="bold"), verdicts(stored.scorecard))
    if failed := _critical(stored.scorecard):
        table.add_row("", Text(failed, style="bold red"))
    if stored.scorecard.flags:
        table.add_row("", Text(f"flags: {', '.join(stored.scorecard.flags)}", style="magenta"))
        if how := _how_to_settle(stored):
            table.add_row("", how)
    for note in notes:
        table.add_row("", Text(f"note: {note}", style="yellow"))
    return Group(name, table)


def _how_to_settle(stored: StoredCall) -> Text | None:
    """What to type where the channels seem exchanged."""
    if stored.kept is None or stored.kept.agent_channel is None or "channels_swapped" not in stored.call.flags:
        return None
    other, side = ("left", "right") if stored.kept.agent_channel == "right" else ("right", "left")
    text = (
        f"To settle it, score the recording again with --agent-channel {other} (or {side}, if they are not exchanged)."
    )
    return Text(text, style="magenta")


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def page(stored: StoredCall) -> RenderableType:
    """A call whole: what is known of it, the talk, the scorecard."""
    parts: list[RenderableType] = [_heading(stored), ""]
    if stored.transcript is None or stored.scorecard is None:
        parts.append(f"No scorecard: the call is {stored.call.state}. {stored.call.error or ''}")
    else:
        parts += [talk(stored.transcript, stored.scorecard), "", card(stored.scorecard, stored.transcript)]
        if shown := tuple(measured.block(stored.scorecard, stored.transcript)):
            parts += ["", *shown]
        if how := _how_to_settle(stored):
            parts.append(how)
    return Group(*parts)


def _heading(stored: StoredCall) -> RenderableType:
    """What is known of the call, and what it was transcribed and judged with: a percent means nothing without."""
    said, transcript, judged = stored.metadata, stored.transcript, stored.scorecard
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column()
    table.add_row("call", Text(stored.call_id, style="bold"))
    for label, value in (("contact", said.contact_id), ("recording", said.recording)):
        if value:
            table.add_row(label, Text(value))
    table.add_row("team", f"{said.team}, agent {said.agent or 'not said'}")
    if said.started_at:
        table.add_row("began", f"{said.started_at:%Y-%m-%d %H:%M} UTC")
    if transcript is not None:
        length = f"{clock(transcript.duration_s)} long, " if transcript.duration_s is not None else ""
        table.add_row("talk", f"{length}language {transcript.language or 'not known'}, {_speakers(stored)}")
        table.add_row("words", _words_from(transcript))
    if judged is not None:
        table.add_row("judged by", f"rubric {judged.rubric.id} {judged.rubric.version[:12]}, scorer {judged.scorer}")
    return table


def _words_from(transcript: Transcript) -> str:
    engine = transcript.engine
    if engine is None:
        return "written or labelled, no speech model"
    settings = "".join(f", {name} {_set_to(value)}" for name, value in engine.settings.items())
    return f"model {engine.model} ({engine.name}{settings})"


def _set_to(value: object) -> str:
    return "not set" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _speakers(stored: StoredCall) -> str:
    side = stored.kept.agent_channel if stored.kept else None
    match stored.transcript.speakers_from if stored.transcript else None:
        case "channels":
            return f"agent on the {side or 'left'} channel"
        case "labelled":
            return "speakers as labelled"
        case "diarized":
            return "speakers told apart by voice"
        case _:
            return "one channel, speakers not told apart"
