"""What became of calls: kept by call and kind, and the views that hold it against their scores.

`outcomes_by_score` has Pearson's correlation r of percent and outcome. Each call's part in it is
zx * zy - r * (zx² + zy²) / 2 with zx and zy standardised (the influence function of r), and the standard error is that
of the mean of these, clustered by agent as in `qa.store.views`. The interval is taken on Fisher's scale, where it is
more nearly symmetric: tanh(atanh(r) ± t * SE / (1 - r²)). With each call an agent of its own this is the interval for
any distribution with fourth moments, not for the normal alone.

`outcomes_by_third` says the same in means: calls of the lowest, the middle and the highest third of percents.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import duckdb

from qa.outcomes import Imported, Row
from qa.store import revisions, schema
from qa.store.database import Connection
from qa.store.schema import Table
from qa.store.views import FLOOR_LINES, INTERVAL_LINES, JUDGED_BY, TOO_FEW, View, clustered, ends, making

TABLE = Table(
    "outcomes",
    "One row a thing that is known of what became of a call, as `qa import outcomes` brought it.",
    """
    call_id VARCHAR NOT NULL        | The call.
    outcome VARCHAR NOT NULL        | csat, repeat_contact (did they have to call again?) or churned (did they leave?).
    value DOUBLE NOT NULL           | csat as given, on the centre's own scale; of the others yes is 1 and no is 0.
    known_at TIMESTAMPTZ NOT NULL   | When it was known (UTC), as the file says; where it does not, when it was brought.
    """,
    ("PRIMARY KEY (call_id, outcome)",),
)

_GROUP = f"team, {JUDGED_BY}, outcome"
_GROUP_LINES = """
    team | The team; NULL in the rows of all teams together, where what differs between teams plays in too.
    rubric | The rubric's id.
    rubric_version | The rubric's version.
    scorer | The scorer's version.
    model | The speech model; NULL for written transcripts.
    outcome | csat, repeat_contact or churned; repeat contact and churn are 1 where they came, 0 where not.
    calls | Calls with a percent of which this is known.
    agents | Known agents among those calls.
"""
_PAIRS = f"""
    pairs AS (
        SELECT team, {JUDGED_BY}, outcome, agent, percent AS x, value
        FROM outcomes JOIN scorecards USING (call_id) JOIN calls USING (call_id)
        WHERE percent IS NOT NULL
    ), paired AS (
        SELECT * FROM pairs
        UNION ALL SELECT * REPLACE (NULL AS team, team || ': ' || agent AS agent) FROM pairs
    )"""
_LEAST, _MOST = (
    f"CASE WHEN outcome = 'csat' THEN {csat} ELSE {share} END"
    for csat, share in (("'-infinity'::DOUBLE", "0"), ("'infinity'::DOUBLE", "1"))
)

VIEWS = (
    View(
        "outcomes_by_score",
        "How do scores go with what became of the calls? The correlation of percent and outcome with its 95 % "
        "interval, clustered by agent. A correlation is no cause: a hard case lowers both the score and the mood.",
        _GROUP_LINES
        + """correlation | Pearson's, -1 to 1: above 0 where higher percents go with more of it; NULL under 3 calls."""
        + INTERVAL_LINES
        + FLOOR_LINES,
        f"""
        WITH {_PAIRS}, standardised AS (
            SELECT {_GROUP}, agent, (x - avg(x) OVER g) / nullif(stddev_pop(x) OVER g, 0) AS zx,
                (value - avg(value) OVER g) / nullif(stddev_pop(value) OVER g, 0) AS zy
            FROM paired
            WINDOW g AS (PARTITION BY {_GROUP})
        ), correlated AS (
            SELECT *, CASE WHEN count(*) OVER g > 2 THEN avg(zx * zy) OVER g END AS r
            FROM standardised
            WINDOW g AS (PARTITION BY {_GROUP})
        ), {
            clustered(
                f"SELECT {_GROUP}, agent, zx * zy - r * (zx * zx + zy * zy) / 2 + r AS y FROM correlated",
                _GROUP,
                over="count(*)",
            )
        }, fisher AS (
            SELECT *, CASE WHEN abs(mean) < 1 - 1e-9 THEN half / (1 - mean * mean) END AS width FROM intervals
        )
        SELECT {_GROUP}, calls, agents, mean AS correlation, tanh(atanh(mean) - width) AS low,
            tanh(atanh(mean) + width) AS high, {TOO_FEW}
        FROM fisher, floor
        """,
    ),
    View(
        "outcomes_by_third",
        "What became of the calls with the lowest and the highest scores? The mean outcome of each third of the "
        "calls by percent, with its 95 % interval clustered by agent. A difference between thirds is no cause.",
        _GROUP_LINES
        + """third | 1 for the lowest third of percents, 3 for the highest; calls of one percent stand in one third.
    percent_from | The lowest percent in it.
    percent_to | The highest percent in it.
    mean | The mean outcome: of csat on the centre's scale, of the others the share of calls, 0 to 1."""
        + INTERVAL_LINES
        + FLOOR_LINES,
        f"""
        WITH {_PAIRS}, thirds AS (
            SELECT *, least(3, 1 + floor(3 * percent_rank() OVER (PARTITION BY {_GROUP} ORDER BY x)))::INTEGER AS third
            FROM paired
        ), {
            clustered(
                f"SELECT {_GROUP}, third, agent, value AS y, min(x) OVER g AS percent_from, "
                f"max(x) OVER g AS percent_to FROM thirds WINDOW g AS (PARTITION BY {_GROUP}, third)",
                f"{_GROUP}, third, percent_from, percent_to",
            )
        }
        SELECT {_GROUP}, calls, agents, third, percent_from, percent_to, mean,
            {ends(least=_LEAST, most=_MOST)},
            {TOO_FEW}
        FROM intervals, floor
        """,
    ),
)


def create(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table and its views: a step of the store's history."""
    for statement in (*schema.making(TABLE), *(each for view in VIEWS for each in making(view))):
        con.execute(statement)


class _Known(NamedTuple):
    value: float
    at: datetime


class _Named(NamedTuple):
    """A call by what rows name it by."""

    call_id: str
    team: str
    contact_id: str | None


_Found = Mapping[tuple[str, str], Sequence[_Named]]


def write(con: Connection, rows: Sequence[Row], *, teams: Collection[str] | None, now: datetime) -> Imported:
    """Keep what rows say of calls of these teams; what was known later stands, and of one moment what comes last."""
    problems: list[str] = []
    found = _find(con, rows, teams)
    said: list[tuple[Row, str]] = []
    for row in rows:
        problem, call_id = (row.problem, None) if row.problem else _resolve(row, found)
        if call_id is None:
            problems.append(str(problem))
        else:
            said.append((row, call_id))
    before = _read(con, {call_id for _, call_id in said})
    after = dict(before)
    for row, call_id in said:
        for kind, value in row.values.items():
            kept = after.get((call_id, kind))
            known = _Known(value, now if row.at is None else row.at)
            if kept is None or _replaces(known, kept, dated=row.at is not None):
                after[call_id, kind] = known
    changed = {key: known for key, known in after.items() if before.get(key) != known}
    _replace(con, changed)
    revisions.touch(con, sorted({call_id for call_id, _ in changed}))
    new = len(after) - len(before)
    values = sum(len(row.values) for row, _ in said)
    return Imported(new, len(changed) - new, values - len(changed), tuple(problems))


def _replaces(known: _Known, kept: _Known, *, dated: bool) -> bool:
    """Whether what is said now takes the place of what is kept; the same value undated may be the same file again."""
    return known.at >= kept.at if known.value != kept.value else dated and known.at > kept.at


def _find(con: Connection, rows: Iterable[Row], teams: Collection[str] | None) -> _Found:
    """The calls that rows may mean, by the name of the column and what stands in it."""
    among = None if teams is None else list(teams)
    found: dict[tuple[str, str], list[_Named]] = {}
    for column in ("call_id", "contact_id"):
        wanted = list({name for row in rows if (name := getattr(row, column)) is not None})
        lines = con.execute(
            f"SELECT call_id, team, contact_id FROM calls WHERE {column} IN (SELECT unnest($wanted::VARCHAR[])) "
            "AND ($teams::VARCHAR[] IS NULL OR team IN (SELECT unnest($teams::VARCHAR[])))",
            {"wanted": wanted, "teams": among},
        ).fetchall()
        for line in lines:
            call = _Named(*line)
            found.setdefault((column, getattr(call, column)), []).append(call)
    return found


def _resolve(row: Row, found: _Found) -> tuple[str | None, str | None]:
    """What is wrong with the row's name of a call, or the id of that call: one of the two is None."""
    column, name = ("call_id", row.call_id) if row.call_id is not None else ("contact_id", str(row.contact_id))
    calls = found.get((column, name), ())
    fits = [
        call
        for call in calls
        if row.team in {None, call.team} and (row.contact_id is None or row.contact_id == call.contact_id)
    ]
    if len(fits) == 1:
        return None, fits[0].call_id
    if fits:
        teams = ", ".join(sorted(call.team for call in fits))
        return f"{row.place}: several teams have a call with contact_id {name} ({teams}); fill in team", None
    if calls:
        others = {field: {getattr(call, field) for call in calls} for field in ("team", "contact_id")}
        wrong = [field for field, known in others.items() if getattr(row, field) not in {None, *known}]
        known = "; ".join(f"{field} {', '.join(sorted(map(str, others[field])))}" for field in wrong)
        return (
            f"{row.place}: the call with {column} {name} has another {' and '.join(wrong)} ({known}); correct it",
            None,
        )
    return f"{row.place}: no call has the {column} {name}; correct it, or score the call first", None


def _read(con: Connection, call_ids: Iterable[str]) -> dict[tuple[str, str], _Known]:
    lines = con.execute(
        "SELECT call_id, outcome, value, known_at FROM outcomes WHERE call_id IN (SELECT unnest(?::VARCHAR[]))",
        [list(call_ids)],
    ).fetchall()
    return {(call_id, kind): _Known(value, at) for call_id, kind, value, at in lines}


def _replace(con: Connection, changed: Mapping[tuple[str, str], _Known]) -> None:
    if changed:
        columns: Iterator[list[object]] = (
            list(column) for column in zip(*((*key, *known) for key, known in changed.items()), strict=True)
        )
        con.execute(
            "INSERT OR REPLACE INTO outcomes SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), unnest(?::DOUBLE[]), "
            "unnest(?::TIMESTAMPTZ[])",
            [*columns],
        )
