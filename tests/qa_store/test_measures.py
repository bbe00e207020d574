"""Measures in the store: kept with their scorecard, asked by call, by team and by phrase."""

from __future__ import annotations

from pathlib import Path

import duckdb
import msgspec
import pytest

from qa import Scoring
from qa.store import Store, measures, migrations
from rubric import Rubric
from rubric.types import Act, Evidence, Measures
from tests.qa_store.examples import FULL_SCORECARD, scored
from transcription.types import Transcript, Turn

replace = msgspec.structs.replace
NOTHING = Measures()


def put(store: Store, rubric: Rubric, found: dict[str | None, list[Measures]], *, team: str = "North") -> None:
    """Calls with these measures, by agent."""
    store.save_all([
        replace(
            scored(rubric, recording=f"{team}-{agent}-{number}", team=team, agent=agent),
            scorecard=replace(FULL_SCORECARD, measures=each),
        )
        for agent, values in found.items()
        for number, each in enumerate(values)
    ])  # fmt: skip


def test_every_measure_is_a_column_in_the_order_of_its_fields() -> None:
    """A measure that is added without a step of the store's history fails here."""
    assert Measures.__struct_fields__ == measures.NAMES


def test_measures_are_read_back_as_they_were_written(store: Store, rubric: Rubric) -> None:
    """All of them, none of them where nothing is known, and what is known and 0 apart from what is not."""
    for found in (FULL_SCORECARD.measures, NOTHING, Measures(silences=0, silence_s=0.0, mood_end=0.0)):
        call = store.save(scored(rubric, card=replace(FULL_SCORECARD, measures=found)))
        read = store.call(call.call_id).scorecard
        assert read is not None
        assert read.measures == found
        assert store.sql("SELECT count(*) FROM scorecard_measures").rows == ((1,),)


def test_the_view_measures_has_a_row_a_scored_call_and_null_where_nothing_is_known(
    store: Store, rubric: Rubric
) -> None:
    put(store, rubric, {"Ada": [Measures(silences=2, silence_s=9.5)], "Bo": [NOTHING]})
    found = store.sql("SELECT agent, team, silences, silence_s, agent_talk_share FROM measures ORDER BY agent").rows
    assert found == (("Ada", "North", 2, 9.5, None), ("Bo", "North", None, None, None))


def test_a_teams_means_are_over_the_calls_of_which_a_measure_is_known_clustered_by_agent(
    store: Store, rubric: Rubric
) -> None:
    """Silences 60, 58, 58, 52, 54, 54, 50 of three agents: as in test_comparisons, 386/7 ± 4.30265 × 2.32652."""
    counts: dict[str | None, list[int | None]] = {
        "Ada": [60, 58, 58], "Bo": [52], "Cy": [54, 54, 50], "Di": [None],
    }  # fmt: skip
    put(store, rubric, {agent: [Measures(silences=one) for one in each] for agent, each in counts.items()})
    rows = store.sql("SELECT measure, calls, agents, mean, low, high, too_few FROM measures_by_team").rows
    assert len(rows) == 1
    measure, calls, agents, mean, low, high, too_few = rows[0]
    assert (measure, calls, agents, too_few) == ("silences", 7, 3, True)
    assert mean == pytest.approx(386 / 7)
    assert low == pytest.approx(386 / 7 - 4.30265 * 2.32652, abs=1e-4)
    assert high == pytest.approx(386 / 7 + 4.30265 * 2.32652, abs=1e-4)


def test_an_interval_stops_where_a_measure_does(store: Store, rubric: Rubric) -> None:
    """A share at 0 and 1, a mood at -1 and 1, seconds at 0 but at no upper end."""
    put(
        store,
        rubric,
        {
            agent: [Measures(stock_phrase_share=share, mood_start=mood, agent_answer_s=answer_s)]
            for agent, share, mood, answer_s in (("Ada", 0.0, -1.0, 0.5), ("Bo", 1.0, 1.0, 60.0))
        },
    )
    found = {row[0]: row[1:] for row in store.sql("SELECT measure, low, high FROM measures_by_team").rows}
    assert found["stock_phrase_share"] == (0.0, 1.0)
    assert found["mood_start"] == (-1.0, 1.0)
    assert found["agent_answer_s"][0] == 0.0
    assert found["agent_answer_s"][1] > 60.0


def test_no_mean_mixes_scorers(store: Store, rubric: Rubric) -> None:
    for scorer, share in (("a" * 12, 0.25), ("b" * 12, 0.75)):
        card = replace(FULL_SCORECARD, scorer=scorer, measures=Measures(agent_talk_share=share))
        store.save(scored(rubric, recording=scorer, card=card))
    found = store.sql("SELECT scorer, mean FROM measures_by_team ORDER BY scorer").rows
    assert found == (("a" * 12, 0.25), ("b" * 12, 0.75))


def empathy(turn: int, quote: str, label: str = "apology") -> Act:
    return Act(label, "agent", Evidence(turn, (0, len(quote.split())), quote, f"{label}.rule"))


def test_stock_phrases_shows_how_much_of_an_agents_empathy_is_one_sentence(store: Store, rubric: Rubric) -> None:
    """Ada says it in both calls, thrice in all, of five sentences; the same words as two acts are one sentence."""
    calls = {
        "Ada": [
            [
                empathy(1, "I'm so sorry to hear that."),
                empathy(1, "I'm so sorry to hear that.", "validation_weak"),
                empathy(3, "That must have been frightening.", "validation"),
                empathy(5, "I'm really sorry to hear that, Mr. Bell."),
            ],
            [empathy(1, "I am sorry to hear that."), empathy(2, "I'm sorry the cot never came.")],
            [empathy(1, "We can't do that.", "refusal")],
        ],
        "Bo": [[empathy(1, "I'm sorry about the baby.")]],
    }
    for agent, found in calls.items():
        for number, acts in enumerate(found):
            card = replace(FULL_SCORECARD, acts=tuple(acts))
            store.save(scored(rubric, recording=f"{agent}{number}", agent=agent, card=card))
    assert store.sql(
        "SELECT agent, calls, sentences, phrase, said, said_in, share, too_few FROM stock_phrases ORDER BY agent"
    ).rows == (
        ("Ada", 2, 5, "I am sorry to hear that.", 3, 2, 0.6, True),
        ("Bo", 1, 1, "I'm sorry about the baby.", 1, 1, 1.0, True),
    )


def test_a_scorecard_from_before_there_were_measures_has_none_until_it_is_scored_again(
    path: Path, conversation: Transcript, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store as the version before left it is read whole, and `verify` says which scorer judged it."""
    before = next(number for number, step in enumerate(migrations.STEPS) if step.name == "measures")
    with Store.open(path) as store, Scoring(store) as scoring:
        call = scoring.score_transcript(conversation)
        assert scoring.verify(call.call_id).same
    card = call.scorecard
    assert card is not None
    assert card.measures is not None
    with duckdb.connect(str(path)) as con:  # back to what the version before made of it
        for view in measures.VIEWS:
            con.execute(f"DROP VIEW {view.name}")
        con.execute("DROP TABLE scorecard_measures")
        con.execute("ALTER TABLE acts DROP COLUMN gist")
        con.execute("UPDATE scorecards SET scorer = 'older'")
        con.execute("DELETE FROM migrations WHERE step > ?", [before])
        monkeypatch.setattr(migrations, "STEPS", migrations.STEPS[: before + 1])
    with Store.open(path) as store, Scoring(store) as scoring:
        assert store.call(call.call_id).scorecard == replace(card, measures=None, scorer="older")
        assert store.sql("SELECT call_id, mood_start, stock_phrase_share FROM measures").rows == (
            (call.call_id, None, None),
        )
        assert store.sql("SELECT * FROM stock_phrases").rows == ()
        assert "scorer older" in str(scoring.verify(call.call_id).reason)
        [outcome] = scoring.rescore()
        assert outcome.call is not None
        assert outcome.call.scorecard == card
        assert scoring.verify(call.call_id).same
        assert store.call(call.call_id).scorecard == card


def test_a_scorecard_with_measures_is_verified_to_the_byte(store: Store) -> None:
    """Spoken, with all measures known but one; what changes in one of them is seen."""
    turns = (
        Turn(0, "customer", 0.0, 6.0, "I'm really upset, my cot never came and I'm furious about this."),
        Turn(1, "agent", 6.25, 10.1, "I'm so sorry the cot never came, bear with me while I look at that order."),
        Turn(2, "agent", 19.7, 23.3, "It left the depot on Monday and it comes tomorrow at ten."),
        Turn(3, "customer", 23.9, 29.9, "Oh thank you so much, that's wonderful, you've been brilliant about it."),
    )
    with Scoring(store) as scoring:
        call = scoring.score_transcript(Transcript(turns=turns, language="en", times_from="turns"))
        assert scoring.verify(call.call_id).same
        assert store.sql(
            "SELECT silences, silence_s, explained_silence_s, mood_start, mood_end FROM measures"
        ).rows == ((1, 9.6, 9.6, -1.0, 1.0),)
        with store._database.writing() as con:
            con.execute("UPDATE scorecard_measures SET silence_s = 9.7")
        assert not scoring.verify(call.call_id).same


def test_no_other_table_of_a_scorecard_is_left_without_its_measures(store: Store, rubric: Rubric) -> None:
    """Scoring again replaces them with their scorecard."""
    put(store, rubric, {"Ada": [Measures(silences=1)]})
    put(store, rubric, {"Ada": [Measures(silences=2)]})
    assert store.sql("SELECT scorecard_id, silences FROM scorecard_measures JOIN scorecards USING (scorecard_id)").rows[
        0
    ][1:] == (2,)
    assert store.sql("SELECT count(*) FROM scorecard_measures").rows == ((1,),)
