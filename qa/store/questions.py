"""More views for QA leads: over time, by criterion, moments that nobody answered, stock phrases; and all of one step.

Means take their intervals as `team_comparison` does for a team, clustered by agent, and as `agent_comparison` does for
an agent, over calls; a share is a rate as in `qa.store.interruptions`.

What depends on the rubric, such as which criterion looks for quiet trouble, is read from the rubric that judged, so
that no view contradicts a scorecard.
"""

from __future__ import annotations

import duckdb

from qa.store import interruptions, waits
from qa.store.views import (
    AGENT_FLOOR_LINES,
    AGENT_LINES,
    CHECKS,
    FLOOR_LINES,
    INTERVAL_LINES,
    JUDGED_BY,
    JUDGED_LINES,
    TEAM_LINE,
    TOO_FEW,
    View,
    clustered,
    ends,
    making,
    over_calls,
)

# Calls from all the world are put into weeks by one clock.
_WEEK = "date_trunc('week', coalesce(started_at, received_at) AT TIME ZONE 'UTC')::DATE"

_MOMENT_LINES = """
    start_s | When they begin, in seconds from the start of the recording; NULL without times.
    end_s | When they end, in seconds; NULL without times.
"""

_TREND = View(
    "agent_trend",
    "Does it get better? Mean percent of each agent week by week with its 95 % interval over calls, never mixing what "
    "judged.",
    TEAM_LINE
    + AGENT_LINES
    + """week | The Monday that the ISO week of the calls begins with (UTC), by when they started, else were received.
    iso_week | The week as ISO 8601 writes it: 2026-W10."""
    + JUDGED_LINES
    + """calls | Calls with a percent: what the mean is over.
    unscored | Calls without a percent; they are in no mean.
    mean | The mean percent, 0 to 100."""
    + INTERVAL_LINES
    + AGENT_FLOOR_LINES,
    f"""
    WITH {
        over_calls(
            f"team, agent, week, {JUDGED_BY}",
            f"(SELECT *, {_WEEK} AS week FROM calls LEFT JOIN scorecards USING (call_id))",
        )
    }
    SELECT team, agent, week, strftime(week, '%G-W%V') AS iso_week, {JUDGED_BY}, calls, unscored, mean,
        {ends()},
        calls < value AS too_few, value AS min_calls
    FROM intervals, floors WHERE name = 'min_calls'
    """,
)

_CRITERION = View(
    "criterion_by_team",
    "Which practice? Mean percent of each criterion's points over the calls that gave occasion for it, with its 95 % "
    "interval clustered by agent.",
    TEAM_LINE
    + JUDGED_LINES
    + """criterion | The criterion.
    calls | Calls in which it was met, partly met or missed: what the mean is over.
    met | Calls in which it was met.
    partly | Calls in which it was partly met.
    missed | Calls in which it was missed.
    not_applicable | Calls that gave no occasion for it.
    not_scorable | Calls in which it cannot be known.
    agents | Known agents among the calls that the mean is over.
    mean | The mean percent of its points, 0 to 100; NULL where it never applied."""
    + INTERVAL_LINES
    + FLOOR_LINES,
    f"""
    WITH {
        clustered(
            f"SELECT team, {JUDGED_BY}, criterion, agent, verdict, 100 * points / max_points AS y "
            "FROM scores JOIN scorecards USING (scorecard_id, call_id) JOIN calls USING (call_id)",
            f"team, {JUDGED_BY}, criterion",
            also={
                verdict: f"count(*) FILTER (verdict = '{verdict}')"
                for verdict in ("met", "partly", "missed", "not_applicable", "not_scorable")
            },
        )
    }
    SELECT team, {JUDGED_BY}, criterion, calls, met, partly, missed, not_applicable, not_scorable, agents, mean,
        {ends()},
        {TOO_FEW}
    FROM intervals, floor
    """,
)

_MISSED = View(
    "missed_moments",
    "Where did nobody answer? One row a moment that called for something and got no answer, under each criterion that "
    "was missed or only partly met.",
    "call_id | The call.\n"
    + TEAM_LINE
    + AGENT_LINES
    + JUDGED_LINES
    + """contact_id | The phone system's own number.
    started_at | When the call began (UTC).
    criterion | The criterion that asks for an answer; one moment may stand under several.
    verdict | partly or missed.
    kind | What the moment was: problem, negative_emotion, refusal and so on.
    turn | The turn that holds the words.
    quote | The words themselves."""
    + _MOMENT_LINES,
    f"""
    SELECT call_id, team, agent, {JUDGED_BY}, contact_id, started_at, criterion, verdict, kind, turn, quote, start_s,
        end_s
    FROM occasions JOIN scores USING (scorecard_id, call_id, criterion) JOIN scorecards USING (scorecard_id, call_id)
    JOIN calls USING (call_id)
    WHERE answered_by IS NULL AND verdict IN ('partly', 'missed')
    """,
)

_QUIET = View(
    "quiet_strugglers",
    "Which polite customers in trouble did nobody answer? One row a moment at which a customer showed struggle without "
    "negative emotion, or hardship, and no answer came soon; as the criterion of kind notices_struggle saw it, so that "
    "a rubric without one has no rows.",
    "call_id | The call.\n"
    + TEAM_LINE
    + AGENT_LINES
    + JUDGED_LINES
    + """contact_id | The phone system's own number.
    started_at | When the call began (UTC).
    kind | struggle (something will not work for them) or hardship (hard times).
    turn | The turn that holds the words.
    quote | The words themselves."""
    + _MOMENT_LINES
    + """moments | How many such moments the call had, answered or not.
    answered | How many of them were answered; 0 is a customer whom nobody answered at all.""",
    f"""
    WITH looks AS (
        SELECT rubric_version, criterion FROM ({CHECKS}) WHERE asks->>'kind' = 'notices_struggle'
    ), moments AS (
        SELECT call_id, {JUDGED_BY}, kind, turn, quote, start_s, end_s, answered_by,
            count(*) OVER each_call AS moments, count(answered_by) OVER each_call AS answered
        FROM occasions JOIN scorecards USING (scorecard_id, call_id) JOIN looks USING (rubric_version, criterion)
        WINDOW each_call AS (PARTITION BY scorecard_id, criterion)
    )
    SELECT call_id, team, agent, {JUDGED_BY}, contact_id, started_at, kind, turn, quote, start_s, end_s, moments,
        answered
    FROM moments JOIN calls USING (call_id)
    WHERE answered_by IS NULL
    """,
)

# Each sentence of empathy by agent, call and what it is known by; y where it is the agent's commonest.
_WHOSE = f"team, agent, {JUDGED_BY}"
_SAID = f"""
    WITH sentences AS (
        SELECT scorecard_id, turn, word_from, word_to, any_value(gist) AS gist, any_value(quote) AS quote
        FROM acts WHERE gist IS NOT NULL
        GROUP BY ALL
    ), counted AS (
        SELECT scorecard_id, gist, min(quote) AS quote, count(*) AS times FROM sentences GROUP BY ALL
    ), in_calls AS (
        SELECT {_WHOSE}, call_id, gist, quote, times
        FROM counted JOIN scorecards USING (scorecard_id) JOIN calls USING (call_id)
    ), phrases AS (
        SELECT {_WHOSE}, gist, min(quote) AS phrase, sum(times) AS times FROM in_calls GROUP BY ALL
    ), commonest AS (
        SELECT {_WHOSE}, first(gist ORDER BY times DESC, gist) AS top, first(phrase ORDER BY times DESC, gist) AS phrase
        FROM phrases
        GROUP BY ALL
    )
    SELECT commonest.*, call_id, times AS m, CASE WHEN gist = top THEN times ELSE 0 END AS y
    FROM in_calls JOIN commonest ON {
    " AND ".join(f"in_calls.{name} IS NOT DISTINCT FROM commonest.{name}" for name in _WHOSE.split(", "))
}
"""

_STOCK = View(
    "stock_phrases",
    "Is it one sentence said to everyone? How much of an agent's empathy their most frequent sentence of it takes, "
    "with its 95 % interval over calls.",
    TEAM_LINE
    + AGENT_LINES
    + JUDGED_LINES
    + """calls | Calls in which the agent showed empathy (validation, apology, ownership).
    sentences | Sentences of empathy in those calls: what the share is of.
    phrase | The most frequent of them, in one of its wordings.
    said | How often it was said, however padded and to whomever.
    said_in | In how many of the calls.
    share | Its part of the sentences, 0 to 1; with few sentences it is high by itself.
    low | Lower end of the 95 % interval; NULL where it cannot be known. It takes the sentence as given, not as chosen.
    high | Upper end of the 95 % interval; NULL where it cannot be known."""
    + AGENT_FLOOR_LINES,
    f"""
    WITH {
        clustered(
            _SAID,
            f"{_WHOSE}, phrase",
            cluster="call_id",
            over="sum(m)",
            also={"said": "sum(y)", "said_in": "max((y > 0)::INTEGER)"},
        )
    }
    SELECT team, agent, {JUDGED_BY}, agents AS calls, calls AS sentences, phrase, said, said_in, mean AS share,
        {ends("CASE WHEN agent IS NOT NULL THEN half END", most="1")},
        agents < min_calls AS too_few, min_calls
    FROM intervals, floor
    """,
)

VIEWS = (_TREND, _CRITERION, _MISSED, _QUIET, _STOCK, *interruptions.VIEWS, *waits.VIEWS)


def create(con: duckdb.DuckDBPyConnection) -> None:
    """Make the views, `stock_phrases` over the earlier one: a step of the store's history."""
    for view in VIEWS:
        for statement in making(view):
            con.execute(statement)
