"""The views, named for the questions that QA leads ask, each column with its comment.

Two views compare. A call's percent is y; calls of one agent are alike, so the calls of a team are not independent.

`team_comparison`: the mean over n calls has a standard error clustered by agent. With u the sum of (y - mean) over one
agent's calls, and G agents,  SE = sqrt(G / (G - 1) * sum(u * u)) / n,  and the interval is mean ± t(0.975, G - 1) * SE.
This is the cluster-robust variance of a regression on a constant alone, with the usual factor for few clusters
G/(G-1) * (N-1)/(N-K), K = 1 (Cameron and Miller, A Practitioner's Guide to Cluster-Robust Inference, Journal of Human
Resources 50(2), 2015, sections II.B and VI.A). Calls whose agent is not known are taken as one cluster, since a
coarser clustering is the safe side.

`agent_comparison`: over the agent's own n calls, mean ± t(0.975, n - 1) * s / sqrt(n).

An interval is NULL where it cannot be known: with one cluster (one call), or where all percents are equal, since no
spread was seen to estimate it from. Its ends stop at 0 and 100. Groups that differ in rubric, scorer or speech model
are rows of their own; calls with no scorecard are counted in a row that has none of the three.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from qa.store.quantiles import FIRST_TERM, NORMAL_975, SECOND_TERM
from qa.store.schema import comment_on


class View(NamedTuple):
    """A view: its comment, its columns as `name | comment`, and its query."""

    name: str
    comment: str
    lines: str
    query: str

    def columns(self) -> list[tuple[str, str]]:
        """Each column's name and comment."""
        pairs = [line.split(" | ", 1) for line in self.lines.splitlines() if line.strip()]
        return [(name.strip(), comment.strip()) for name, comment in pairs]


def t_975(df: str) -> str:
    """The SQL for the 0.975 quantile of t with `df` degrees of freedom, itself an expression."""
    beyond = f"{NORMAL_975} + {FIRST_TERM} / ({df}) + {SECOND_TERM} / pow({df}, 2)"
    return f"coalesce((SELECT t FROM t_quantiles WHERE t_quantiles.df = {df}), {beyond})"


def clustered(
    figures: str,
    group: str,
    *,
    cluster: str = "agent",
    over: str = "count(y)",
    also: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """The SQL behind WITH for the mean of y in each group of calls, with its interval clustered by agent.

    `figures` is a query for y, which may be NULL, and the agent beside the columns of `group`. What comes of it are
    the relations `intervals` (calls, unscored, agents, mean and half the interval of each group) and `floor`.

    With `over = "sum(m)"` the mean is a rate, the sum of y by the sum of m, and `calls` is the latter; m is NULL where
    y is. With `cluster = "call_id"` the interval is over calls, and `agents` counts those. `also` names sums that are
    taken along, each with its SQL over the figures of one cluster.
    """
    sums = "".join(f", {sql} AS {name}" for name, sql in also.items())
    summed = "".join(f"sum({name})::BIGINT AS {name}, " for name in also)
    return f"""clusters AS (
            SELECT {group}, {cluster}, {over} AS n, sum(y) AS total, count(*) - count(y) AS unscored{sums}
            FROM ({figures})
            GROUP BY ALL
        ), centred AS (
            SELECT *, sum(total) OVER each_group / sum(n) OVER each_group AS mean
            FROM clusters
            WINDOW each_group AS (PARTITION BY {group})
        ), groups AS (
            SELECT {group},
                sum(n)::BIGINT AS calls, sum(unscored)::BIGINT AS unscored, {summed}
                count({cluster}) FILTER (n > 0) AS agents, count(*) FILTER (n > 0) AS clusters, any_value(mean) AS mean,
                sqrt(sum(pow(total - n * mean, 2)) * count(*) FILTER (n > 0) / nullif(count(*) FILTER (n > 0) - 1, 0))
                    / sum(n) AS error
            FROM centred
            GROUP BY ALL
        ), intervals AS (
            SELECT *, CASE WHEN clusters > 1 AND error > 1e-9 THEN error * {t_975("clusters - 1")} END AS half
            FROM groups
        ), floor AS (
            SELECT max(value) FILTER (name = 'min_calls') AS min_calls,
                max(value) FILTER (name = 'min_agents') AS min_agents
            FROM floors
        )"""


def over_calls(group: str, calls: str = "calls LEFT JOIN scorecards USING (call_id)") -> str:
    """The SQL behind WITH for the mean percent of each group of one agent's calls, with its interval over calls.

    What comes of it is the relation `intervals`: calls, unscored, mean and half the interval of each group.
    """
    return f"""groups AS (
            SELECT {group}, count(percent) AS calls,
                count(*) - count(percent) AS unscored, avg(percent) AS mean,
                stddev_samp(percent) / sqrt(nullif(count(percent), 0)) AS error
            FROM {calls}
            GROUP BY ALL
        ), intervals AS (
            SELECT *,
                CASE WHEN agent IS NOT NULL AND calls > 1 AND error > 1e-9 THEN error * {t_975("calls - 1")} END AS half
            FROM groups
        )"""


def ends(half: str = "half", *, least: str = "0", most: str = "100") -> str:
    """The SQL for low and high: the mean less and plus half the interval, stopped where nothing lies beyond."""
    return (
        f"CASE WHEN {half} IS NOT NULL THEN greatest({least}, mean - {half}) END AS low,\n            "
        f"CASE WHEN {half} IS NOT NULL THEN least({most}, mean + {half}) END AS high"
    )


JUDGED_BY = "rubric, rubric_version, scorer, model"
JUDGED_LINES = """
    rubric | The rubric's id; NULL in the row of calls that are not scored yet.
    rubric_version | The rubric's version.
    scorer | The scorer's version.
    model | The speech model; NULL for written transcripts.
"""

FLOOR_LINES = """
    too_few | Whether there are fewer calls than min_calls or fewer agents than min_agents.
    min_calls | The floor of calls, a setting.
    min_agents | The floor of agents, a setting.
"""

TEAM_LINE = "team | The team."
AGENT_LINES = """
    agent | The agent; NULL where not known.
"""
AGENT_FLOOR_LINES = """
    too_few | Whether there are fewer calls than min_calls.
    min_calls | The floor of calls, a setting.
"""
INTERVAL_LINES = """
    low | Lower end of the 95 % interval; NULL where it cannot be known.
    high | Upper end of the 95 % interval; NULL where it cannot be known.
"""
TOO_FEW = "calls < min_calls OR agents < min_agents AS too_few, min_calls, min_agents"

# Of each criterion of every rubric that has judged: its check, with all that the file says or leaves to the default.
CHECKS = """
    SELECT rubric_version, each->>'id' AS criterion, each->'check' AS asks
    FROM (SELECT rubric_version, unnest((content->'criteria')::JSON[]) AS each FROM rubrics)
"""

_FIGURES = """
    calls | Calls with a percent: what the mean is over.
    unscored | Calls without a percent; they are in no mean.
"""

_ENDS = """
    mean | The mean percent, 0 to 100.
    low | Lower end of the 95 % interval; NULL where it cannot be known.
    high | Upper end of the 95 % interval; NULL where it cannot be known.
"""

_PERCENTS = f"SELECT team, {JUDGED_BY}, agent, percent AS y FROM calls LEFT JOIN scorecards USING (call_id)"

VIEWS = (
    View(
        "team_comparison",
        "Which team? Mean percent of each team with its 95 % interval, clustered by agent, never mixing what judged.",
        "team | The team." + JUDGED_LINES + _FIGURES + "agents | Known agents among those calls." + _ENDS + FLOOR_LINES,
        f"""
        WITH {clustered(_PERCENTS, f"team, {JUDGED_BY}")}
        SELECT team, {JUDGED_BY}, calls, unscored, agents, mean,
            {ends()},
            calls < min_calls OR agents < min_agents AS too_few, min_calls, min_agents
        FROM intervals, floor
        """,
    ),
    View(
        "agent_comparison",
        "Which agent? Mean percent of each agent with its 95 % interval over calls, never mixing what judged.",
        """team | The team.
    agent | The agent; NULL for calls whose agent is not known."""
        + JUDGED_LINES
        + _FIGURES
        + _ENDS
        + """too_few | Whether there are fewer calls than min_calls.
    min_calls | The floor of calls, a setting.""",
        f"""
        WITH {over_calls(f"team, agent, {JUDGED_BY}")}
        SELECT team, agent, rubric, rubric_version, scorer, model, calls, unscored, mean,
            {ends()},
            calls < value AS too_few, value AS min_calls
        FROM intervals, floors WHERE name = 'min_calls'
        """,
    ),
    View(
        "habits",
        "Which habit? How often each agent met each criterion where there was an occasion for it.",
        """team | The team.
    agent | The agent; NULL where not known."""
        + JUDGED_LINES
        + """criterion | The criterion.
    applied | Calls in which it was met, partly met or missed.
    met | Calls in which it was met.
    partly | Calls in which it was partly met.
    missed | Calls in which it was missed.
    not_applicable | Calls that gave no occasion for it.
    not_scorable | Calls in which it cannot be known.
    percent | Points earned of those possible where it applied, 0 to 100; NULL where it never did.""",
        """
        SELECT team, agent, rubric, rubric_version, scorer, model, criterion,
            count(points) AS applied,
            count(*) FILTER (verdict = 'met') AS met,
            count(*) FILTER (verdict = 'partly') AS partly,
            count(*) FILTER (verdict = 'missed') AS missed,
            count(*) FILTER (verdict = 'not_applicable') AS not_applicable,
            count(*) FILTER (verdict = 'not_scorable') AS not_scorable,
            100 * sum(points) / sum(max_points) FILTER (points IS NOT NULL) AS percent
        FROM scores JOIN scorecards USING (call_id) JOIN calls USING (call_id)
        GROUP BY ALL
        """,
    ),
    View(
        "scorecard_lines",
        "What did a call earn and why? One row a criterion of each call, with the words that prove it.",
        """call_id | The call.
    team | The team.
    agent | The agent; NULL where not known.
    contact_id | The phone system's own number.
    started_at | When the call began (UTC).
    percent | The call's percent; NULL where there is none.
    position | The criterion's place in the rubric.
    criterion | The criterion.
    verdict | met, partly, missed, not_applicable or not_scorable.
    points | Points earned; NULL where the verdict leaves the arithmetic.
    max_points | Points possible.
    reason | Why this verdict.
    quotes | The words that prove it, in order.
    at_s | When the first of them was said, in seconds from the start of the recording; NULL without times.""",
        """
        SELECT call_id, team, agent, contact_id, started_at, percent, position, criterion, verdict, points, max_points,
            reason, coalesce(quotes, []) AS quotes, at_s
        FROM scores JOIN scorecards USING (call_id) JOIN calls USING (call_id)
        LEFT JOIN (
            SELECT call_id, criterion, list(quote ORDER BY position) AS quotes, min(start_s) AS at_s
            FROM evidence
            GROUP BY ALL
        ) USING (call_id, criterion)
        """,
    ),
    View(
        "conversation",
        "Who said what, and when? The turns of the transcript that was scored, one row a turn.",
        """call_id | The call.
    team | The team.
    agent | The agent; NULL where not known.
    turn | The turn's index, from 0.
    speaker | agent, customer or unknown.
    start_s | When the turn begins, in seconds; NULL without times.
    end_s | When the turn ends, in seconds; NULL without times.
    text | What was said.
    backchannel | Whether it is only an acknowledgement inside the other's talk.""",
        """
        SELECT call_id, team, agent, turn, speaker, start_s, end_s, text, backchannel
        FROM turns JOIN scorecards USING (transcript_id, call_id) JOIN calls USING (call_id)
        """,
    ),
    View(
        "words",
        "Every recognised word of the transcript that was scored, one row a word.",
        """call_id | The call.
    turn | The turn's index, from 0.
    speaker | agent, customer or unknown.
    word | The word's index in its turn, from 0.
    text | The word with its punctuation.
    start_s | When it begins, in seconds from the start of the recording.
    end_s | When it ends, in seconds.
    probability | How sure the recogniser is, 0 to 1; NULL where not known.""",
        """
        SELECT call_id, turn, speaker, unnest(range(len(words))) AS word, unnest(words, recursive := true)
        FROM turns JOIN scorecards USING (transcript_id, call_id)
        """,
    ),
)


def statements() -> list[str]:
    """The SQL that makes all views, over earlier ones of the same names."""
    return [statement for view in VIEWS for statement in making(view)]


def making(view: View) -> list[str]:
    """The SQL that makes a view with its comments, over an earlier one of its name."""
    return [
        f"CREATE OR REPLACE VIEW {view.name} AS {view.query}",
        comment_on("VIEW", view.name, view.comment),
        *(comment_on("COLUMN", f"{view.name}.{name}", comment) for name, comment in view.columns()),
    ]
