"""The views of waits in written media: from a customer's message to the agent's answer, by `sent_at`.

Which message waits for an answer, and when the times of a conversation cannot be trusted, is as the criterion of kind
`response_time` has it; the views have the waits of a chat too, which has no limit.
"""

from __future__ import annotations

from qa.store.views import (
    AGENT_LINES,
    CHECKS,
    FLOOR_LINES,
    JUDGED_BY,
    JUDGED_LINES,
    TEAM_LINE,
    View,
    clustered,
    ends,
)

# An offset stands behind the date; where there is none, the message was sent in the zone of the business.
_SENT = """
    CASE WHEN regexp_matches(substr(sent_at, 11), '[Zz+-]') THEN TRY_CAST(sent_at AS TIMESTAMPTZ)
        ELSE TRY_CAST(sent_at AS TIMESTAMP) AT TIME ZONE coalesce(zone, 'UTC') END
"""

_RESPONSE = View(
    "response_times",
    "How long do customers wait in writing? One row a message of the customer's that asked for an answer: the first "
    "since the agent last wrote. A last message that nothing follows closes the talk and asks for none.",
    "call_id | The conversation.\n"
    + TEAM_LINE
    + AGENT_LINES
    + JUDGED_LINES
    + """contact_id | The phone system's own number.
    medium | chat, email or social.
    turn | The customer's message.
    quote | Its words.
    answered_turn | The agent's next message; NULL where none came.
    asked_at | When the customer sent it (UTC); NULL where not known.
    answered_at | When the answer was sent (UTC); NULL where none came, or where not known.
    wait_s | Seconds between, by the calendar; NULL without an answer, or where times are missing or out of order.""",
    f"""
    WITH zones AS (
        SELECT rubric_version, any_value(asks->>'zone') AS zone
        FROM ({CHECKS}) WHERE asks->>'kind' = 'response_time' GROUP BY ALL
    ), written AS (
        SELECT call_id, transcript_id, {JUDGED_BY}, medium, zone
        FROM scorecards LEFT JOIN zones USING (rubric_version)
        JOIN (SELECT transcript_id, medium FROM transcripts WHERE medium <> 'voice') USING (transcript_id)
    ), messages AS (
        SELECT *, {_SENT} AS sent FROM written JOIN turns USING (transcript_id, call_id)
    ), ordered AS (
        SELECT *, sent IS NOT NULL AND sent >= coalesce(lag(sent) OVER (PARTITION BY transcript_id ORDER BY turn), sent)
            AS in_order, max(turn) OVER (PARTITION BY transcript_id) AS last_turn
        FROM messages
    ), known AS (
        SELECT *, coalesce(bool_and(in_order) OVER (PARTITION BY transcript_id), false) AS known FROM ordered
    ), parties AS (
        SELECT *, lag(speaker) OVER whole AS before, min(turn) FILTER (speaker = 'agent') OVER rest AS answered_turn,
            min(sent) FILTER (speaker = 'agent') OVER rest AS answered_at
        FROM known
        WHERE speaker IN ('agent', 'customer')
        WINDOW whole AS (PARTITION BY transcript_id ORDER BY turn),
            rest AS (PARTITION BY transcript_id ORDER BY turn ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
    )
    SELECT call_id, team, agent, {JUDGED_BY}, contact_id, parties.medium, turn, text AS quote, answered_turn,
        sent AS asked_at, CASE WHEN known THEN answered_at END AS answered_at,
        CASE WHEN known THEN epoch(answered_at - sent) END AS wait_s
    FROM parties JOIN calls USING (call_id)
    WHERE speaker = 'customer' AND before IS DISTINCT FROM 'customer'
        AND (answered_turn IS NOT NULL OR turn < last_turn)
    """,
)

_RESPONSE_BY_TEAM = View(
    "response_times_by_team",
    "Which team lets customers wait in writing? The waits of response_times by medium, with the 95 % interval of their "
    "mean, clustered by agent.",
    TEAM_LINE
    + JUDGED_LINES
    + """medium | chat, email or social.
    calls | Conversations with a wait that is known.
    answers | Waits that are known: what mean and median are over.
    unanswered | Messages that no answer came to; they are in no mean.
    unknown | Answers of which the wait is not known.
    agents | Known agents among those who answered.
    median_s | The median wait in seconds: half of the answers came sooner.
    mean_s | The mean wait in seconds; few long waits raise it far above the median.
    low_s | Lower end of the mean's 95 % interval; NULL where it cannot be known.
    high_s | Upper end of the mean's 95 % interval; NULL where it cannot be known."""
    + FLOOR_LINES,
    f"""
    WITH {
        clustered(
            f"SELECT *, wait_s AS y, median(wait_s) OVER (PARTITION BY team, {JUDGED_BY}, medium) AS median_s "
            "FROM response_times",
            f"team, {JUDGED_BY}, medium, median_s",
            also={
                "known": "count(DISTINCT call_id) FILTER (y IS NOT NULL)",
                "unanswered": "count(*) FILTER (answered_turn IS NULL)",
                "unknown": "count(*) FILTER (answered_turn IS NOT NULL AND y IS NULL)",
            },
        )
    }, ends AS (
        SELECT *, {ends(most="'infinity'::DOUBLE")} FROM intervals
    )
    SELECT team, {JUDGED_BY}, medium, known AS calls, calls AS answers, unanswered, unknown, agents, median_s,
        mean AS mean_s, low AS low_s, high AS high_s,
        known < min_calls OR agents < min_agents AS too_few, min_calls, min_agents
    FROM ends, floor
    """,
)

VIEWS = (_RESPONSE, _RESPONSE_BY_TEAM)
