"""Scorecards and the transcripts that they rest on, written and read, each within its connection's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from qa.store import calls, jobs, measures, revisions, rows
from qa.store.database import Connection, first
from qa.store.types import KeptTranscript, Scored, StoredCall
from rubric import Rubric
from rubric.types import Scorecard

_OF_SCORECARD = (
    "scorecards", "scores", "evidence", "occasions", "acts", "interruptions", "interruption_candidates",
    measures.TABLE.name,
)  # fmt: skip
_OF_TRANSCRIPT = ("transcripts", "turns", "speech")


def write(con: Connection, items: Sequence[Scored], *, now: datetime) -> tuple[StoredCall, ...]:
    """Write scored calls, each at most once, or replace what is there of them."""
    written: rows.Rows = {table: [] for table in (*_OF_TRANSCRIPT, *_OF_SCORECARD)}
    old_transcripts, old_scorecards = [], []
    saved: list[tuple[str, KeptTranscript]] = []
    for item, (new_transcript, new_scorecard) in zip(items, _new_ids(con, len(items)), strict=True):
        if item.call_id is not None:
            calls.read_row(con, item.call_id)
        if item.job_id is not None:
            jobs.check_wanted(con, item.job_id)
        call_id = calls.write_call(con, sha256=item.sha256, metadata=item.metadata, now=now)
        old_transcript, old_scorecard = _standing(con, call_id, item.kept.made_with)
        kept = item.kept
        if kept.transcript_id is None or kept.transcript_id != old_transcript:
            old_transcripts.append(old_transcript)
            kept = msgspec.structs.replace(kept, transcript_id=new_transcript)
            _add(written, rows.of_transcript(call_id, new_transcript, kept, now=now))
        old_scorecards.append(old_scorecard)
        card = rows.of_scorecard(
            call_id,
            new_scorecard,
            kept.transcript_id or new_transcript,
            item.scorecard,
            known_by=item.known_by,
            speakers_settled=item.speakers_settled,
            now=now,
        )
        _add(written, card)
        saved.append((call_id, kept))
    _forget(con, _OF_TRANSCRIPT, "transcript_id", old_transcripts)
    _forget(con, _OF_SCORECARD, "scorecard_id", old_scorecards)
    for rubric in {id(item.rubric): item.rubric for item in items}.values():
        _write_rubric(con, rubric, now=now)
    for table, lines in written.items():
        if lines:
            with con.appender(table) as appender:
                appender.append_rows(lines)
    call_ids = [call_id for call_id, _ in saved]
    jobs.scored_without(con, call_ids)
    revisions.touch(con, call_ids)
    written_rows = calls.read_rows(con, call_ids)
    return tuple(
        StoredCall(
            call=written_rows[call_id],
            kept=kept,
            scorecard=item.scorecard,
            speakers_settled=item.speakers_settled,
        )
        for (call_id, kept), item in zip(saved, items, strict=True)
    )


def _new_ids(con: Connection, count: int) -> list[tuple[int, int]]:
    """As many new pairs of a transcript id and a scorecard id."""
    return con.execute("SELECT nextval('transcript_ids'), nextval('scorecard_ids') FROM range(?)", [count]).fetchall()


def _standing(con: Connection, call_id: str, made_with: str) -> tuple[int | None, int | None]:
    """The ids of the transcript that was made with these settings and of the scorecard that a call has."""
    found = first(
        con,
        "SELECT (SELECT transcript_id FROM transcripts WHERE call_id = $call_id AND made_with = $made_with), "
        "(SELECT scorecard_id FROM scorecards WHERE call_id = $call_id)",
        {"call_id": call_id, "made_with": made_with},
    )
    assert found is not None
    return found[0], found[1]


def _write_rubric(con: Connection, rubric: Rubric, *, now: datetime) -> None:
    con.execute(
        "INSERT INTO rubrics VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [rubric.version, rubric.id, msgspec.json.encode(rubric).decode(), now],
    )


def _forget(con: Connection, tables: Iterable[str], column: str, values: Iterable[int | None]) -> None:
    ids = [value for value in values if value is not None]
    if ids:
        for table in tables:
            con.execute(f"DELETE FROM {table} WHERE {column} IN (SELECT unnest(?))", [ids])


def _add(written: rows.Rows, more: rows.Rows) -> None:
    for table, lines in more.items():
        written[table] += lines


def read_call(con: Connection, call_id: str) -> StoredCall:
    """A call with the transcript that was scored and its scorecard."""
    row = calls.read_row(con, call_id)
    judged = first(con, "SELECT transcript_id, speakers_settled FROM scorecards WHERE call_id = ?", [call_id])
    if judged is None:
        return StoredCall(call=row)
    transcript_id, speakers_settled = judged
    return StoredCall(
        call=row,
        kept=_read_transcript(con, transcript_id),
        scorecard=read_scorecard(con, call_id),
        speakers_settled=speakers_settled,
    )


def read_transcript(con: Connection, call_id: str, *, made_with: str) -> KeptTranscript | None:
    """The transcript of a call that was made with these settings."""
    transcript_id, _ = _standing(con, call_id, made_with)
    return None if transcript_id is None else _read_transcript(con, transcript_id)


def _read_transcript(con: Connection, transcript_id: int) -> KeptTranscript:
    found = first(con, f"{rows.TRANSCRIPT} WHERE transcript_id = ?", [transcript_id])
    assert found is not None
    turns = con.execute(rows.TURNS, [transcript_id]).fetchall()
    return rows.to_transcript(found, turns, con.execute(rows.SPEECH, [transcript_id]).fetchall())


def read_scorecard(con: Connection, call_id: str) -> Scorecard | None:
    """The scorecard of a call, None where it is not scored yet."""
    found = first(con, rows.SCORECARD, [call_id])
    if found is None:
        return None

    def lines(query: str) -> list[tuple[Any, ...]]:
        return con.execute(query, [found[0]]).fetchall()

    return rows.to_scorecard(
        found,
        scores=lines(rows.SCORES),
        proof=lines(rows.PROOF),
        occasions=lines(rows.OCCASIONS),
        acts=lines(rows.ACTS),
        interruptions=lines(rows.INTERRUPTIONS),
        candidates=lines(rows.CANDIDATES),
        measured=lines(measures.SELECT),
    )


def read_rubric(con: Connection, version: str) -> Rubric | None:
    """A rubric that has judged a call of this store; None where there is none of that version that can be read."""
    found = first(con, "SELECT content FROM rubrics WHERE rubric_version = ?", [version])
    try:
        return None if found is None else msgspec.json.decode(found[0], type=Rubric)
    except msgspec.ValidationError:  # it was written by a version whose rubrics have other parts
        return None


def scored(con: Connection, *, team: str | None) -> tuple[str, ...]:
    """The calls that have a scorecard, oldest scorecard first."""
    found = con.execute(
        "SELECT call_id FROM scorecards JOIN calls USING (call_id) WHERE $team IS NULL OR team = $team "
        "ORDER BY scorecard_id",
        {"team": team},
    ).fetchall()
    return tuple(call_id for (call_id,) in found)


def outdated(con: Connection, *, rubric_version: str, scorer: str, team: str | None) -> tuple[str, ...]:
    """The scored calls that another rubric or scorer judged, oldest scorecard first."""
    found = con.execute(
        "SELECT call_id FROM scorecards JOIN calls USING (call_id) "
        "WHERE (rubric_version != $rubric_version OR scorer != $scorer) AND ($team IS NULL OR team = $team) "
        "ORDER BY scorecard_id",
        {"rubric_version": rubric_version, "scorer": scorer, "team": team},
    ).fetchall()
    return tuple(call_id for (call_id,) in found)
