"""What is measured of a call, kept with its scorecard, and the views that ask of it.

`measures_by_team` takes its means and intervals as `team_comparison` does: clustered by agent, never mixing what
judged. A call of which a measure is not known is in no mean of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import duckdb
import msgspec

from qa.store import schema
from qa.store.schema import OWNER_LINES, Table
from qa.store.views import FLOOR_LINES, JUDGED_BY, JUDGED_LINES, View, clustered, ends, making
from rubric.types import Measures

# In the order of the fields of rubric.types.Measures, which says exactly what each one is.
_LINES = """
    agent_talk_share DOUBLE         | The agent's part of both speakers' speech, 0 to 1.
    agent_longest_monologue_s DOUBLE | The longest stretch of the agent's talk, in seconds; backchannels don't break it.
    customer_longest_monologue_s DOUBLE | The longest stretch of the customer's talk, in seconds.
    agent_answer_s DOUBLE           | Median seconds from the end of the customer's turn to theirs; an overlap is 0.
    customer_answer_s DOUBLE        | Median seconds from the end of the agent's turn to theirs.
    silences INTEGER                | How often nobody spoke for over 3 s, between the first word and the last.
    silence_s DOUBLE                | How long these silences were in all, in seconds.
    explained_silences INTEGER      | How many of them somebody had asked for ("bear with me while I look").
    explained_silence_s DOUBLE      | How long those were, in seconds.
    agent_words_per_minute DOUBLE   | The agent's words per minute of their own speech.
    customer_words_per_minute DOUBLE | The customer's words per minute of their own speech.
    pace_ratio DOUBLE               | The agent's pace by the customer's: 1 is the same.
    pace_following DOUBLE           | How far the agent's pace goes along with the customer's, turn by turn, -1 to 1.
    mood_start DOUBLE               | The customer's mood in the first third, by their words: -1 (upset) to 1 (content).
    mood_end DOUBLE                 | The customer's mood in the last third.
    stock_phrase_share DOUBLE       | Part of the agent's sentences of empathy that are set phrases or repeated, 0 to 1.
"""
TABLE = Table(
    "scorecard_measures",
    "One row a scorecard: what was measured, without points. What cannot be known is NULL, never 0. A scorecard from "
    "before there were measures has no row until it is scored again.",
    OWNER_LINES + _LINES,
)
_COMMENTS = {definition.split()[0]: comment for definition, comment in Table("", "", _LINES).columns()}
NAMES = tuple(_COMMENTS)
_FIGURES = ", ".join(NAMES)
_VIEW_LINES = "\n".join(f"{name} | {comment}" for name, comment in _COMMENTS.items())

GIST = (
    "Of an agent's empathy, what the same sentence is known by in other calls: its stems without names and padding; "
    "NULL for other acts, and in scorecards from before it was kept."
)

# Where an interval stops, since nothing lies beyond.
_BOTH_WAYS = "('pace_following', 'mood_start', 'mood_end')"
_LEAST = f"CASE WHEN measure IN {_BOTH_WAYS} THEN -1 ELSE 0 END"
_MOST = f"CASE WHEN measure IN {_BOTH_WAYS} OR measure LIKE '%_share' THEN 1 ELSE 'infinity'::DOUBLE END"

_KNOWN = f"""
    SELECT team, agent, {JUDGED_BY}, measure, y
    FROM (
        SELECT team, agent, {JUDGED_BY}, {", ".join(f"{name}::DOUBLE AS {name}" for name in NAMES)}
        FROM scorecard_measures JOIN scorecards USING (scorecard_id, call_id) JOIN calls USING (call_id)
    ) UNPIVOT (y FOR measure IN ({_FIGURES}))
"""

VIEWS = (
    View(
        "measures",
        "How do they talk? One row a scored call: what is measured of it, without points; NULL where not known.",
        f"""call_id | The call.
    team | The team.
    agent | The agent; NULL where not known.
    {_VIEW_LINES}""",
        f"""
        SELECT call_id, team, agent, {_FIGURES}
        FROM scorecards JOIN calls USING (call_id) LEFT JOIN scorecard_measures USING (scorecard_id, call_id)
        """,
    ),
    View(
        "measures_by_team",
        "How does a team talk? Mean of each measure over its calls with its 95 % interval, clustered by agent.",
        "team | The team."
        + JUDGED_LINES
        + """measure | The measure, by its column of the view measures.
    calls | Calls of which it is known: what the mean is over.
    agents | Known agents among those calls.
    mean | The mean, in the measure's own unit.
    low | Lower end of the 95 % interval; NULL where it cannot be known.
    high | Upper end of the 95 % interval; NULL where it cannot be known."""
        + FLOOR_LINES,
        f"""
        WITH {clustered(_KNOWN, f"team, {JUDGED_BY}, measure")}
        SELECT team, {JUDGED_BY}, measure, calls, agents, mean,
            {ends(least=_LEAST, most=_MOST)},
            calls < min_calls OR agents < min_agents AS too_few, min_calls, min_agents
        FROM intervals, floor
        """,
    ),
    View(
        "stock_phrases",
        "Is it one sentence said to everyone? How much of an agent's empathy their most frequent sentence of it takes.",
        "team | The team.\n agent | The agent; NULL where not known."
        + JUDGED_LINES
        + """calls | Calls in which the agent showed empathy (validation, apology, ownership).
    sentences | Sentences of empathy in those calls: what the share is of.
    phrase | The most frequent of them, in one of its wordings.
    said | How often it was said, however padded and to whomever.
    said_in | In how many of the calls.
    share | Its part of the sentences, 0 to 1; with few sentences it is high by itself.
    too_few | Whether there are fewer calls than min_calls.
    min_calls | The floor of calls, a setting.""",
        f"""
        WITH sentences AS (
            SELECT DISTINCT team, agent, {JUDGED_BY}, call_id, turn, word_from, word_to, gist, quote
            FROM acts JOIN scorecards USING (scorecard_id, call_id) JOIN calls USING (call_id)
            WHERE gist IS NOT NULL
        ), phrases AS (
            SELECT team, agent, {JUDGED_BY}, gist, min(quote) AS phrase, count(*) AS said,
                list(DISTINCT call_id) AS heard_in
            FROM sentences
            GROUP BY ALL
        ), agents AS (
            SELECT team, agent, {JUDGED_BY}, len(list_distinct(flatten(list(heard_in)))) AS calls,
                sum(said)::BIGINT AS sentences, first(phrase ORDER BY said DESC, gist) AS phrase, max(said) AS said,
                first(len(heard_in) ORDER BY said DESC, gist) AS said_in
            FROM phrases
            GROUP BY ALL
        )
        SELECT team, agent, {JUDGED_BY}, calls, sentences, phrase, said, said_in, said / sentences AS share,
            calls < value AS too_few, value AS min_calls
        FROM agents, floors WHERE name = 'min_calls'
        """,
    ),
)


def create(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table, the column that tells sentences of empathy apart, and the views: a step of the history."""
    statements = [
        *schema.making(TABLE),
        "ALTER TABLE acts ADD COLUMN gist VARCHAR",
        schema.comment_on("COLUMN", "acts.gist", GIST),
        *(statement for view in VIEWS for statement in making(view)),
    ]
    for statement in statements:
        con.execute(statement)


SELECT = f"SELECT {_FIGURES} FROM {TABLE.name} WHERE scorecard_id = ?"


def of(measures: Measures) -> tuple[Any, ...]:
    """The row's columns behind those that say whose it is."""
    return msgspec.structs.astuple(measures)


def to(rows: Iterable[tuple[Any, ...]]) -> Measures | None:
    """The measures of a scorecard from what SELECT finds."""
    return next((Measures(*row) for row in rows), None)
