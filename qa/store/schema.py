"""The tables of the store, as the first step of its history makes them: every table and column with its comment.

A column's line is `name type | comment`. Steps that have been released are never changed; a change is a new step.

`transcript_id` and `scorecard_id` count up, so that the rows of one call lie together in tables of a thousand
million rows and are found by DuckDB's block minima and maxima, without an index; `call_id` is what people join by.
"""

from __future__ import annotations

from typing import NamedTuple


class Table(NamedTuple):
    """A table: its comment, its lines of columns, and constraints over several columns."""

    name: str
    comment: str
    lines: str
    constraints: tuple[str, ...] = ()

    def columns(self) -> list[tuple[str, str]]:
        """Each column's definition and comment."""
        pairs = [line.split(" | ", 1) for line in self.lines.splitlines() if line.strip()]
        return [(definition.strip(), comment.strip()) for definition, comment in pairs]


EVIDENCE_LINES = """
    turn INTEGER NOT NULL       | The turn that holds the words.
    word_from INTEGER NOT NULL  | The first of the words, counted from 0 in the turn's text.
    word_to INTEGER NOT NULL    | One past the last of the words.
    quote VARCHAR NOT NULL      | The words themselves.
    rule VARCHAR NOT NULL       | The rule that found them.
    start_s DOUBLE              | When they begin, in seconds from the start of the recording; NULL without times.
    end_s DOUBLE                | When they end, in seconds; NULL without times.
"""

ANSWER = (
    "turn INTEGER",
    "word_from INTEGER",
    "word_to INTEGER",
    "quote VARCHAR",
    "rule VARCHAR",
    "start_s DOUBLE",
    "end_s DOUBLE",
)

OWNER_LINES = """
    scorecard_id BIGINT NOT NULL | The scorecard that this belongs to.
    call_id VARCHAR NOT NULL     | The call.
"""

# A candidate may come from a text's own marks alone, with no time to it: NULL, which is not 0.
CANDIDATE_LINES = """
    position INTEGER NOT NULL       | Its place among those of the call, from 0.
    by_speaker VARCHAR NOT NULL     | Who cut in.
    turn INTEGER NOT NULL           | The turn that cuts in.
    of_turn INTEGER NOT NULL        | The turn that is cut.
    start_s DOUBLE                  | When both begin to speak, in seconds from the start of the recording.
    end_s DOUBLE                    | When both no longer speak, in seconds.
    overlap_s DOUBLE                | How long both spoke, in seconds.
    severe BOOLEAN NOT NULL         | Whether the overlap is long.
    venting BOOLEAN NOT NULL        | Whether a customer was letting it out, which weighs double.
    rule VARCHAR NOT NULL           | The rule that found it.
"""
INTERRUPTION_LINES = CANDIDATE_LINES.replace("DOUBLE", "DOUBLE NOT NULL")

TABLES = (
    Table(
        "calls",
        "One row a call: a recording, or a written conversation, within a team, and what was said about it.",
        """
    call_id VARCHAR PRIMARY KEY     | A random id: what people and programs name the call by.
    team VARCHAR NOT NULL           | The team; 'unassigned' where none was said.
    sha256 VARCHAR NOT NULL         | SHA-256 of the recording's bytes, or of the JSON of a transcript without sound.
    contact_id VARCHAR              | The phone system's own number, unique in the team.
    recording VARCHAR               | The name that the recording or transcript came with.
    agent VARCHAR                   | The agent; NULL where not said.
    agent_channel VARCHAR           | The channel that was said to be the agent's, left or right; NULL where not said.
    started_at TIMESTAMPTZ          | When the call began (UTC); NULL where not said.
    queue VARCHAR                   | The queue it came in by.
    customer_ref VARCHAR            | The centre's own reference for the customer.
    medium VARCHAR                  | voice, chat, email or social; NULL where not said.
    received_at TIMESTAMPTZ NOT NULL | When the call came into this store (UTC).
    job_id BIGINT                   | The latest job that scores this call; NULL where it was scored without one.
    """,
        ("UNIQUE (team, sha256)", "UNIQUE (team, contact_id)"),
    ),
    Table(
        "transcripts",
        "One row a transcript; a call has one for each model and settings that transcribed it.",
        """
    transcript_id BIGINT NOT NULL   | Counts up.
    call_id VARCHAR NOT NULL        | The call.
    made_with VARCHAR NOT NULL      | A hash of the model, code and settings that can change a word; written for text.
    agent_channel VARCHAR           | The channel taken for the agent's, left or right; NULL without two channels.
    duration_s DOUBLE               | Length of the recording in seconds; NULL where not known.
    language VARCHAR                | Language of the speech, as an ISO 639-1 code.
    language_probability DOUBLE     | How sure the model is of the language, 0 to 1; NULL where it was not asked.
    speakers_from VARCHAR           | channels, diarized or labelled; NULL where speakers are not told apart.
    times_from VARCHAR NOT NULL     | speech, turns, cues or none: what the times may be used for.
    medium VARCHAR NOT NULL         | voice, chat, email or social.
    measured VARCHAR[] NOT NULL     | The speakers whose speech was measured, in order.
    engine VARCHAR                  | Program and version that recognised the speech; NULL for written transcripts.
    model VARCHAR                   | The speech model.
    model_sha256 VARCHAR            | SHA-256 of the model's weights.
    settings JSON                   | Every setting that can change a word.
    doubts STRUCT(code VARCHAR, reason VARCHAR, speaker VARCHAR)[] NOT NULL | What makes parts unsafe to judge.
    made_at TIMESTAMPTZ NOT NULL    | When it came into this store (UTC).
    """,
        ("UNIQUE (call_id, made_with)",),
    ),
    Table(
        "turns",
        "One row a turn of every transcript; the view conversation has those of the scored transcript alone.",
        """
    transcript_id BIGINT NOT NULL   | The transcript.
    call_id VARCHAR NOT NULL        | The call.
    turn INTEGER NOT NULL           | The turn's index, from 0.
    speaker VARCHAR NOT NULL        | agent, customer or unknown.
    start_s DOUBLE                  | When the turn begins, in seconds from the start of the call; NULL without times.
    end_s DOUBLE                    | When the turn ends, in seconds; NULL without times.
    text VARCHAR NOT NULL           | What was said, words joined by single blanks.
    backchannel BOOLEAN NOT NULL    | Whether it is only an acknowledgement inside the other's talk.
    sent_at VARCHAR                 | When the message was sent, for written media.
    words STRUCT("text" VARCHAR, start_s DOUBLE, end_s DOUBLE, probability DOUBLE)[] NOT NULL | Words; see view words.
    """,
    ),
    Table(
        "speech",
        "One row a stretch of one speaker's speech, as voice activity measured it: the truth for all timing.",
        """
    transcript_id BIGINT NOT NULL   | The transcript.
    call_id VARCHAR NOT NULL        | The call.
    speaker VARCHAR NOT NULL        | agent, customer or unknown.
    start_s DOUBLE NOT NULL         | When it begins, in seconds from the start of the recording.
    end_s DOUBLE NOT NULL           | When it ends, in seconds.
    """,
    ),
    Table(
        "scorecards",
        "One row a scored call: its percent and what judged it. Scoring again replaces it whole.",
        """
    scorecard_id BIGINT NOT NULL    | Counts up.
    call_id VARCHAR PRIMARY KEY     | The call.
    transcript_id BIGINT NOT NULL   | The transcript that was judged.
    percent DOUBLE                  | Points earned of those possible, 0 to 100; NULL where there is none.
    coverage DOUBLE                 | Share of the points that applied that could be judged, 0 to 1.
    flags VARCHAR[] NOT NULL        | What a person should know before trusting this scorecard.
    reasons VARCHAR[] NOT NULL      | Why there is no percent, and what the flags mean.
    interruptions_unknown VARCHAR   | Why interruptions cannot be counted; NULL where they can.
    speakers_settled BOOLEAN NOT NULL | Whether somebody said which channel is the agent's.
    rubric VARCHAR NOT NULL         | The rubric's id.
    rubric_version VARCHAR NOT NULL | The rubric's version, a hash of its meaning.
    scorer VARCHAR NOT NULL         | The scorer's version, a hash of what else can change a score.
    model VARCHAR                   | The speech model of the transcript; NULL for written transcripts.
    scored_at TIMESTAMPTZ NOT NULL  | When it was scored (UTC).
    """,
    ),
    Table(
        "scores",
        "One row a criterion of a scorecard: its verdict, its points and why.",
        OWNER_LINES
        + """
    position INTEGER NOT NULL       | The criterion's place in the rubric, from 0.
    criterion VARCHAR NOT NULL      | The criterion's id.
    question VARCHAR NOT NULL       | What the criterion asks.
    verdict VARCHAR NOT NULL        | met, partly, missed, not_applicable (no occasion) or not_scorable.
    points DOUBLE                   | Points earned; NULL where the verdict leaves the arithmetic.
    max_points DOUBLE NOT NULL      | Points possible.
    reason VARCHAR NOT NULL         | Why this verdict.
    critical BOOLEAN NOT NULL       | Whether failing it is shown beside the percent.
    thresholds JSON NOT NULL        | The thresholds that decided.
    """,
    ),
    Table(
        "evidence",
        "One row a stretch of words that proves a score.",
        OWNER_LINES
        + """
    criterion VARCHAR NOT NULL      | The criterion whose score it proves.
    position INTEGER NOT NULL       | Its place among the score's evidence, from 0.
    """
        + EVIDENCE_LINES,
    ),
    Table(
        "occasions",
        "One row a moment that called for something under a criterion, and what answered it.",
        OWNER_LINES
        + """
    criterion VARCHAR NOT NULL      | The criterion.
    position INTEGER NOT NULL       | Its place among the criterion's occasions, from 0.
    kind VARCHAR NOT NULL           | What the moment was.
    """
        + EVIDENCE_LINES
        + f"""
    answered_by STRUCT({", ".join(ANSWER)}) | The words that answered it; NULL where it was missed.
    """,
    ),
    Table(
        "acts",
        "One row a thing that a turn does, by the labels of the codebook.",
        OWNER_LINES
        + """
    position INTEGER NOT NULL       | Its place among the call's acts, from 0.
    label VARCHAR NOT NULL          | What it is: apology, paraphrase, validation and so on.
    speaker VARCHAR NOT NULL        | Who did it.
    """
        + EVIDENCE_LINES,
    ),
    Table("interruptions", "One row an interruption.", OWNER_LINES + INTERRUPTION_LINES),
    Table(
        "interruption_candidates",
        "One row a possible interruption of a call in which interruptions cannot be known.",
        OWNER_LINES + CANDIDATE_LINES,
    ),
    Table(
        "rubrics",
        "One row a version of a rubric that has judged a call of this store.",
        """
    rubric_version VARCHAR PRIMARY KEY | A hash of the rubric's meaning.
    rubric VARCHAR NOT NULL         | The rubric's id.
    content JSON NOT NULL           | The whole rubric, so that every score can be recomputed.
    first_used_at TIMESTAMPTZ NOT NULL | When it first judged a call of this store (UTC).
    """,
    ),
    Table(
        "jobs",
        "One row a time that a call was handed in to be scored later.",
        """
    job_id BIGINT PRIMARY KEY       | Counts up; jobs are taken in this order.
    call_id VARCHAR NOT NULL        | The call to score.
    state VARCHAR NOT NULL          | queued, running, done or failed.
    attempts INTEGER NOT NULL       | How often it was begun.
    enqueued_at TIMESTAMPTZ NOT NULL | When it was handed in (UTC).
    leased_until TIMESTAMPTZ        | Until when its worker is taken to be alive (UTC); NULL where none has it.
    finished_at TIMESTAMPTZ         | When it was done or failed (UTC).
    error VARCHAR                   | Why it failed.
    """,
    ),
    Table(
        "floors",
        "One row a setting that the views use: below these numbers a mean is marked too_few.",
        """
    name VARCHAR PRIMARY KEY        | The setting.
    value INTEGER NOT NULL          | Its value, as of when the store was last opened for writing.
    """,
    ),
    Table(
        "t_quantiles",
        "Student's t at 0.975 by degrees of freedom, for 95 % intervals.",
        """
    df INTEGER PRIMARY KEY          | Degrees of freedom.
    t DOUBLE NOT NULL               | The quantile.
    """,
    ),
)

SEQUENCES = ("transcript_ids", "scorecard_ids", "job_ids")


def statements() -> list[str]:
    """The SQL that makes all of it."""
    return [f"CREATE SEQUENCE {name}" for name in SEQUENCES] + [
        statement for table in TABLES for statement in making(table)
    ]


def making(table: Table) -> list[str]:
    """The SQL that makes a table with its comments."""
    parts = [definition for definition, _ in table.columns()] + list(table.constraints)
    return [
        f"CREATE TABLE {table.name} ({', '.join(parts)})",
        comment_on("TABLE", table.name, table.comment),
        *(
            comment_on("COLUMN", f"{table.name}.{definition.split()[0]}", comment)
            for definition, comment in table.columns()
        ),
    ]


def comment_on(kind: str, name: str, comment: str) -> str:
    """The SQL that puts a comment on a table, a view or a column."""
    quoted = comment.replace("'", "''")
    return f"COMMENT ON {kind} {name} IS '{quoted}'"
