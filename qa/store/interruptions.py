"""The views of interruptions, named like `measures_by_team` for whose they are: `interruptions` is a table.

A rate is a ratio of two sums: interruptions y by turns m. Its standard error is that of a mean with (y - rate * m) for
(y - mean) and the sum of m for n, which is the linearised variance of a ratio of totals over clusters (Cochran,
Sampling Techniques, 3rd edition, section 6.3): agents for a team, calls for an agent.

From when on a turn is venting, the rubric that judged says, as it did when the interruptions were found.
"""

from __future__ import annotations

from qa.store.views import (
    AGENT_FLOOR_LINES,
    AGENT_LINES,
    FLOOR_LINES,
    INTERVAL_LINES,
    JUDGED_BY,
    JUDGED_LINES,
    TEAM_LINE,
    View,
    clustered,
    ends,
)

# Each call twice: over all turns of the customer's, and over those in which they vent, as the interruptions take them.
_CUT_IN = f"""
    WITH heard AS (
        SELECT transcript_id, count(*) AS turns FROM turns WHERE speaker = 'customer' AND NOT backchannel GROUP BY ALL
    ), upset AS (
        SELECT DISTINCT scorecard_id, turn FROM acts WHERE label = 'negative_emotion'
    ), rules AS MATERIALIZED (  -- or the JSON is read anew for every turn
        SELECT rubric_version, (content->'interruptions'->>'venting_s')::DOUBLE AS venting_s FROM rubrics
    ), vented AS (
        SELECT scorecard_id, count(*) AS turns
        FROM upset JOIN scorecards USING (scorecard_id) JOIN rules USING (rubric_version)
        JOIN turns USING (transcript_id, turn)
        WHERE speaker = 'customer' AND end_s - start_s >= venting_s
        GROUP BY ALL
    ), cut AS (
        SELECT scorecard_id, count(*) AS times, count(*) FILTER (severe) AS severe,
            count(*) FILTER (venting) AS venting, count(*) FILTER (venting AND severe) AS venting_severe
        FROM interruptions WHERE by_speaker = 'agent' GROUP BY ALL
    ), each_call AS (
        SELECT team, agent, {JUDGED_BY}, call_id, interruptions_unknown IS NULL AS known,
            unnest([
                {{during: 'all', m: heard.turns, y: times, severe: cut.severe}},
                {{during: 'venting', m: vented.turns, y: venting, severe: venting_severe}}
            ], recursive := true)
        FROM scorecards JOIN calls USING (call_id) LEFT JOIN heard USING (transcript_id)
        LEFT JOIN vented USING (scorecard_id) LEFT JOIN cut USING (scorecard_id)
    )
    SELECT team, agent, {JUDGED_BY}, call_id, during, CASE WHEN known THEN coalesce(m, 0) END AS m,
        CASE WHEN known THEN coalesce(y, 0) END AS y, CASE WHEN known THEN coalesce(severe, 0) END AS severe
    FROM each_call
"""

_CUT_IN_LINES = """
    during | all (every turn of the customer's) or venting (negative emotion, for the rubric's venting_s or longer).
    turns | The customer's turns of this kind, backchannels apart: what the rate is over.
    interruptions | How often the agent cut in on the customer in them.
    severe | How many of these were severe.
    unknown | Calls in which interruptions cannot be known (no times of speech, one channel); they are in no figure.
"""
_RATE = """
    rate | Interruptions per turn of this kind; NULL where there is none.
"""
_CUT_IN_SUMS = {"interruptions": "sum(y)", "severe": "sum(severe)", "known": "count(*) FILTER (m > 0)"}

_CUT_IN_BY_AGENT = View(
    "interruptions_by_agent",
    "Who cuts in on customers? Interruptions by each agent as counts and per turn of the customer's, those while the "
    "customer vents apart, with 95 % intervals over calls.",
    TEAM_LINE
    + AGENT_LINES
    + JUDGED_LINES
    + "calls | Calls with turns of this kind in which interruptions are known.\n"
    + _CUT_IN_LINES
    + _RATE
    + INTERVAL_LINES
    + AGENT_FLOOR_LINES,
    f"""
    WITH {
        clustered(
            _CUT_IN,
            f"team, agent, {JUDGED_BY}, during",
            cluster="call_id",
            over="coalesce(sum(m), 0)",
            also=_CUT_IN_SUMS,
        )
    }
    SELECT team, agent, {
        JUDGED_BY
    }, agents AS calls, during, calls AS turns, interruptions, severe, unscored AS unknown,
        CASE WHEN calls > 0 THEN mean END AS rate,
        {ends("CASE WHEN agent IS NOT NULL THEN half END", most="'infinity'::DOUBLE")},
        agents < min_calls AS too_few, min_calls
    FROM intervals, floor
    """,
)

_CUT_IN_BY_TEAM = View(
    "interruptions_by_team",
    "Which team cuts in on customers? Interruptions by its agents as counts and per turn of the customer's, those "
    "while the customer vents apart, with 95 % intervals clustered by agent.",
    TEAM_LINE
    + JUDGED_LINES
    + "calls | Calls with turns of this kind in which interruptions are known.\n"
    + _CUT_IN_LINES
    + "agents | Known agents among those calls.\n"
    + _RATE
    + INTERVAL_LINES
    + FLOOR_LINES,
    f"""
    WITH {clustered(_CUT_IN, f"team, {JUDGED_BY}, during", over="coalesce(sum(m), 0)", also=_CUT_IN_SUMS)}
    SELECT team, {
        JUDGED_BY
    }, known AS calls, during, calls AS turns, interruptions, severe, unscored AS unknown, agents,
        CASE WHEN calls > 0 THEN mean END AS rate,
        {ends(most="'infinity'::DOUBLE")},
        known < min_calls OR agents < min_agents AS too_few, min_calls, min_agents
    FROM intervals, floor
    """,
)

VIEWS = (_CUT_IN_BY_AGENT, _CUT_IN_BY_TEAM)
