"""What the views for QA leads promise where little is known, or where calls were judged by different things."""

from __future__ import annotations

from pathlib import Path

import duckdb
import msgspec
import pytest

from qa.judging import known_by
from qa.store import Store, migrations
from rubric import Rubric
from rubric.types import Act, Interruptions, RubricRef
from tests.qa_store import hand_made
from tests.qa_store.hand_made import Message, call, cuts, moment, score, talk, words, written

replace = msgspec.structs.replace


def waits(store: Store, rubric: Rubric, *messages: Message, judge: Rubric | None = None) -> list[tuple[object, ...]]:
    """The waits of one e-mail conversation: asking turn, answering turn, seconds."""
    store.save(call(judge or rubric, "m", "Mail", "Ed", 2, 50.0, written("email", messages)))
    return list(store.sql("SELECT turn, answered_turn, wait_s FROM response_times ORDER BY turn").rows)


def test_a_wait_begins_with_the_first_message_that_nobody_answered(store: Store, rubric: Rubric) -> None:
    """The agent's own first message answers nothing; a last message that nothing follows waits for nothing."""
    assert waits(
        store, rubric,
        ("a", "2026-03-02T08:00:00Z"), ("c", "2026-03-02T09:00:00Z"), ("c", "2026-03-02T09:10:00Z"),
        ("a", "2026-03-02T09:30:00Z"), ("a", "2026-03-02T09:40:00Z"), ("c", "2026-03-02T10:00:00Z"),
    ) == [(1, 3, 1800.0)]  # fmt: skip


@pytest.mark.parametrize("third", [None, "2026-03-02T08:59:00Z"])
def test_a_wait_is_not_known_where_times_are_missing_or_out_of_order(
    store: Store, rubric: Rubric, third: str | None
) -> None:
    """As the criterion of the scorecard has it: then no wait of the conversation is known."""
    assert waits(
        store, rubric, ("c", "2026-03-02T09:00:00Z"), ("a", "2026-03-02T09:30:00Z"), ("c", third), ("a", None)
    ) == [(0, 1, None), (2, 3, None)]  # fmt: skip
    assert store.sql("SELECT calls, answers, unanswered, unknown, mean_s FROM response_times_by_team").rows == (
        (0, 0, 0, 2, None),
    )


def test_messages_without_an_offset_were_sent_in_the_zone_of_the_rubric(store: Store, rubric: Rubric) -> None:
    """In Berlin the clocks went forward on 29 March 2026 at two: from 01:30 to 03:30 it is an hour, not two."""
    check = next(each for each in rubric.criteria if each.id == "response_time")
    berlin = replace(check, check=replace(check.check, zone="Europe/Berlin"))
    judge = replace(rubric, id="berlin", criteria=tuple(berlin if each is check else each for each in rubric.criteria))
    assert judge.version != rubric.version
    assert waits(
        store, rubric, ("c", "2026-03-29T01:30:00"), ("a", "2026-03-29T03:30:00"), ("c", "2026-03-29T01:45:00Z"),
        ("a", "2026-03-29T04:00:00+02:00"), judge=judge,
    ) == [(0, 1, 3600.0), (2, 3, 900.0)]  # fmt: skip
    assert store.sql("SELECT asked_at::VARCHAR FROM response_times ORDER BY turn LIMIT 1").rows == (
        ("2026-03-29 00:30:00+00",),
    )


def test_a_moment_is_missed_only_under_a_criterion_that_was(store: Store, rubric: Rubric) -> None:
    furious = moment("negative_emotion", 1, "I'm furious.")
    for verdict in ("met", "partly", "missed"):
        scores = [score("validates", verdict, furious, moment("negative_emotion", 3, "Still.", answered=True))]
        store.save(call(rubric, verdict, "North", "Ada", 2, 50.0, talk(0), scores=scores))
    assert store.sql("SELECT verdict, turn, quote, start_s FROM missed_moments ORDER BY verdict").rows == (
        ("missed", 1, "I'm furious.", 10.0),
        ("partly", 1, "I'm furious.", 10.0),
    )


def test_quiet_trouble_is_what_the_criterion_of_the_rubric_saw(store: Store, rubric: Rubric) -> None:
    """Struggle under another criterion is none; a moment in a call that met the criterion is one."""
    quiet = score(
        "notices_struggle",
        "met",
        moment("struggle", 1, "I can't log in."),
        moment("struggle", 3, "How do I?", answered=True),
    )
    loud = score("validates", "missed", moment("struggle", 5, "I'm fed up that I can't log in."))
    store.save(call(rubric, "q", "North", "Ada", 2, 50.0, talk(0), scores=[quiet, loud]))
    assert store.sql("SELECT turn, kind, moments, answered FROM quiet_strugglers").rows == ((1, "struggle", 2, 1),)


def test_calls_in_which_interruptions_are_not_known_are_counted_apart(store: Store, rubric: Rubric) -> None:
    """They give neither turns nor zeros; and with no venting turn there is no rate while venting."""
    store.save(call(rubric, "a", "North", "Ada", 2, 50.0, talk(0), cut=cuts(0, 2)))
    store.save(call(rubric, "b", "North", "Ada", 3, 50.0, talk(2), cut=Interruptions(unknown="one channel"), upset=2))
    figures = "SELECT during, calls, unknown, turns, interruptions, rate, low FROM"
    for view in ("interruptions_by_agent", "interruptions_by_team"):
        assert store.sql(f"{figures} {view} ORDER BY during").rows == (
            ("all", 1, 1, 10, 2, 0.2, None),
            ("venting", 0, 1, 0, 0, None, None),
        )


def test_no_figure_mixes_what_judged(store: Store, rubric: Rubric) -> None:
    """Two calls of one agent, judged by two scorers, are two rows of one call in each view."""
    for scorer in ("one", "other"):
        spoken = call(rubric, scorer, "North", "Ada", 2, 50.0, talk(1), scores=[score("validates", "met")],
                      cut=cuts(1, 0), upset=1, empathy=[hand_made.SORRY], scorer=scorer)  # fmt: skip
        mail = [("c", "2026-03-02T09:00:00Z"), ("a", "2026-03-02T09:30:00Z")]
        store.save_all(
            [spoken, call(rubric, f"m{scorer}", "Mail", "Ed", 2, 50.0, written("email", mail), scorer=scorer)]
        )
    figures = "SELECT scorer, calls FROM"
    for view in ("agent_trend", "criterion_by_team", "stock_phrases"):
        rows = store.sql(f"{figures} {view} WHERE team = 'North' ORDER BY scorer").rows
        assert rows == (("one", 1), ("other", 1)), view
    for view in ("interruptions_by_agent", "interruptions_by_team"):
        rows = store.sql(f"{figures} {view} WHERE team = 'North' AND during = 'venting' ORDER BY scorer").rows
        assert rows == (("one", 1), ("other", 1)), view
    assert store.sql("SELECT scorer, answers FROM response_times_by_team ORDER BY scorer").rows == (
        ("one", 1),
        ("other", 1),
    )


def test_what_nobody_knows_the_agent_of_has_no_interval_of_an_agent(store: Store, rubric: Rubric) -> None:
    """They may be several people's calls."""
    for day, others in ((2, 0), (3, 4)):
        store.save(
            call(rubric, f"n{day}", "North", None, day, 10.0 * day, talk(0), cut=cuts(0, others),
                 empathy=[hand_made.SORRY] * day)
        )  # fmt: skip
    assert store.sql("SELECT calls, mean, low, high FROM agent_trend").rows == ((2, 25.0, None, None),)
    assert store.sql("SELECT rate, low, high FROM interruptions_by_agent WHERE during = 'all'").rows == (
        (0.2, None, None),
    )
    assert store.sql("SELECT share, low, high FROM stock_phrases").rows == ((1.0, None, None),)


def test_a_call_that_did_not_say_when_it_began_stands_in_the_week_in_which_it_came(
    store: Store, rubric: Rubric
) -> None:
    item = call(rubric, "a", "North", "Ada", 1, 50.0, talk(0))
    sunday = replace(item, sha256="1" * 64, metadata=replace(item.metadata, contact_id="sunday"))
    store.save(replace(item, metadata=replace(item.metadata, started_at=None)))
    store.save(sunday)
    assert store.sql("SELECT iso_week, week::VARCHAR FROM agent_trend ORDER BY week LIMIT 1").rows == (
        ("2026-W09", "2026-02-23"),
    )
    assert store.sql(
        "SELECT count(*) FROM agent_trend JOIN calls USING (team, agent) WHERE started_at IS NULL "
        "AND iso_week = strftime(received_at AT TIME ZONE 'UTC', '%G-W%V')"
    ).rows == ((1,),)


def test_a_store_of_the_version_before_gets_the_views_and_its_rows_stay(
    path: Path, rubric: Rubric, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`stock_phrases` had no interval then."""
    before = next(number for number, step in enumerate(migrations.STEPS) if step.name == "questions")
    with monkeypatch.context() as older:
        older.setattr(migrations, "STEPS", migrations.STEPS[:before])
        with Store.open(path) as store:
            store.save_all(hand_made.calls(rubric))
            assert "low" not in store.sql("SELECT * FROM stock_phrases").columns
    with duckdb.connect(str(path), read_only=True) as con:
        assert con.execute("SELECT max(step) FROM migrations").fetchall() == [(before,)]
    with Store.open(path) as store:
        assert store.sql("SELECT count(*) FROM calls").rows == ((14,),)
        assert store.sql("SELECT said, sentences, low IS NULL FROM stock_phrases WHERE agent = 'Ada'").rows == (
            (4, 5, False),
        )


def test_a_rubric_that_judged_elsewhere_leaves_no_row_behind(store: Store, rubric: Rubric) -> None:
    """Moments judged by a rubric that is not kept here are not guessed at."""
    item = call(rubric, "a", "North", "Ada", 2, 50.0, talk(1), cut=cuts(0, 1), upset=1, scores=[
        score("notices_struggle", "missed", moment("struggle", 1, "I can't log in."))
    ])  # fmt: skip
    store.save(replace(item, scorecard=replace(item.scorecard, rubric=RubricRef("other", "f" * 12))))
    assert store.sql("SELECT * FROM quiet_strugglers").rows == ()
    assert store.sql("SELECT turns, rate FROM interruptions_by_agent WHERE during = 'all'").rows == ((10, 0.1),)


def test_one_sentence_that_is_two_acts_is_said_once(store: Store, rubric: Rubric) -> None:
    item = call(rubric, "a", "North", "Ada", 2, 50.0, talk(0), empathy=[hand_made.SORRY])
    twice = (*item.scorecard.acts, Act("validation", "agent", words(0, hand_made.SORRY)))
    card = replace(item.scorecard, acts=twice)
    store.save(replace(item, scorecard=card, known_by=known_by(card)))
    assert store.sql("SELECT said, sentences, said_in, calls FROM stock_phrases").rows == ((1, 1, 1, 1),)
