"""Scoring of what came as text, and of what is stored already: no model, no sound."""

import json
from pathlib import Path

import msgspec
import pytest

import qa.demo
import rubric as rubrics
from qa import Metadata, Scoring, Store
from qa.errors import CallNotFound, MetadataProblem
from qa.results import Outcome, result_line, whole
from transcription import formats
from transcription.types import Turn

DEMO = qa.demo.CONVERSATIONS


@pytest.fixture
def talk(conversation: bytes, tmp_path: Path) -> Path:
    file = tmp_path / "talk.json"
    file.write_bytes(conversation)
    return file


def test_a_transcript_is_scored_as_a_call_without_sound(scoring: Scoring, talk: Path) -> None:
    call = scoring.score(talk, Metadata(team="North", contact_id="4711"))
    transcript = formats.read(talk)
    assert call.transcript == transcript
    assert call.scorecard == rubrics.score(transcript, scoring.rubric)
    assert scoring.store.call("4711") == call
    assert not scoring.store.files.has(call.call.sha256)
    assert "model" not in scoring.__dict__  # none was looked for


def test_the_same_words_are_the_same_call_however_their_file_is_written(scoring: Scoring, talk: Path) -> None:
    first = scoring.score(talk)
    talk.write_text(json.dumps(json.loads(talk.read_text()), indent=4))
    assert scoring.score(talk) == first
    assert scoring.score_transcript(formats.read(talk)) == first
    chat = scoring.score(talk, Metadata(medium="chat"))
    assert (chat.call_id, chat.transcript and chat.transcript.medium) == (first.call_id, "chat")


def test_the_three_lines_of_python_score_a_folder_by_its_csv(tmp_path: Path) -> None:
    from qa import Scoring, Store

    with Store.open(tmp_path / "qa.duckdb") as store, Scoring(store) as scoring:
        outcomes = list(scoring.batch([DEMO.parent], metadata=DEMO))

        assert [outcome.error for outcome in outcomes] == [None] * 32
        assert {team.team: (team.calls, team.agents) for team in store.teams()} == {
            "North": (16, 16),
            "South": (16, 16),
        }
        north, south = sorted(store.compare(), key=lambda row: row.team)
        for row in (north, south):
            assert row.calls + row.unscored == 16
            assert row.low is not None
            assert row.high is not None
            assert row.low < (row.mean or 0) < row.high


def test_a_csv_that_names_too_much_and_too_little_loses_no_other_call(
    scoring: Scoring, talk: Path, tmp_path: Path
) -> None:
    (tmp_path / "extra.json").write_bytes(talk.read_bytes())
    csv = tmp_path / "calls.csv"
    csv.write_text("recording,team,agent,medium\nlost.json,North,Ada,\ntalk.json,North,Ada,fax\ntalk.json,North,Ada,\n")
    (tmp_path / "good.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\n<v Agent>How can I help?\n")
    csv.write_text(csv.read_text() + "good.vtt,South,Bo,\n")
    outcomes = list(
        scoring.batch([tmp_path / "talk.json", tmp_path / "extra.json", tmp_path / "good.vtt"], metadata=csv)
    )
    errors = {Path(outcome.recording).name: outcome.error for outcome in outcomes if outcome.error}
    assert [outcome.call.metadata.agent for outcome in outcomes if outcome.call] == ["Bo"]
    assert set(errors) == {"lost.json", "talk.json", "extra.json"}


def test_the_line_for_scripts_has_its_names_for_results_and_for_errors(scoring: Scoring, talk: Path) -> None:
    call = scoring.score(talk)
    assert call.scorecard is not None
    line = result_line(Outcome("in/talk.json", call))
    assert list(line) == [
        "call_id", "recording", "percent", "coverage", "criteria", "interruptions", "rubric", "scorer", "model",
        "flags", "error",
    ]  # fmt: skip
    assert line["recording"] == "in/talk.json"
    assert line["percent"] == call.scorecard.percent
    assert set(line["criteria"]) == {score.criterion for score in call.scorecard.scores}
    assert set(next(iter(line["criteria"].values()))) == {"verdict", "points", "max_points"}
    failed = result_line(Outcome("in/bad.wav", error="in/bad.wav: holds no sound"))
    assert list(failed) == list(line)
    assert {name for name, value in failed.items() if value} == {"recording", "interruptions", "error"}
    assert failed["interruptions"] == {"by_agent": None, "by_customer": None}
    msgspec.json.encode([line, failed])


def test_the_whole_of_a_call_can_be_read_back_in_and_scored_the_same(
    scoring: Scoring, talk: Path, tmp_path: Path
) -> None:
    call = scoring.score(talk, Metadata(team="North"))
    shown = msgspec.json.decode(msgspec.json.encode(whole(call)))
    assert shown["call_id"] == call.call_id
    assert shown["team"] == "North"
    (tmp_path / "again.json").write_bytes(msgspec.json.encode(shown["transcript"]))
    again = scoring.score(tmp_path / "again.json", Metadata(team="South"))
    assert (again.transcript, again.scorecard) == (call.transcript, call.scorecard)
    assert len(shown["interruptions"]) == len(call.scorecard.interruptions.found)  # type: ignore[union-attr]


def test_interruptions_that_cannot_be_known_are_null_and_not_none_found(scoring: Scoring, talk: Path) -> None:
    transcript = formats.read(talk)
    bare = msgspec.structs.replace(
        transcript,
        turns=tuple(Turn(turn.index, turn.speaker, None, None, turn.text) for turn in transcript.turns),
        times_from="none",
    )
    call = scoring.score_transcript(bare)
    assert whole(call)["interruptions"] is None
    assert result_line(call)["interruptions"] == {"by_agent": None, "by_customer": None}


def test_a_channel_of_a_transcript_is_refused_and_settles_nothing(scoring: Scoring, talk: Path) -> None:
    """It has no channels to exchange: its row of a batch fails, the others go on."""
    with pytest.raises(MetadataProblem, match=r"agent_channel: talk\.json is a transcript"):
        scoring.score(talk, Metadata(agent_channel="right"))
    csv = talk.with_name("calls.csv")
    talk.with_name("other.json").write_bytes(talk.read_bytes())
    csv.write_text("recording,team,agent,agent_channel\ntalk.json,North,Ada,right\nother.json,North,Ada,\n")
    outcomes = list(scoring.batch(metadata=csv))
    assert [outcome.call is None for outcome in outcomes] == [True, False]
    assert "agent_channel: talk.json is a transcript" in str(outcomes[0].error)


def test_a_possible_interruption_without_a_time_is_stored_without_one(scoring: Scoring) -> None:
    """A written talk whose marks say that somebody was cut off."""
    text = b'{"turns": [{"speaker": "customer", "text": "I have been --"}, {"speaker": "agent", "text": "Hold on."}]}'
    call = scoring.score_transcript(formats.parse(text))
    assert call.scorecard is not None
    assert [each.overlap_s for each in call.scorecard.interruptions.candidates] == [None]
    assert scoring.store.call(call.call_id).scorecard == call.scorecard
    assert scoring.verify(call.call_id).same


def test_a_scorecard_is_verified_to_the_byte_or_the_version_that_differs_is_named(
    scoring: Scoring, talk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = scoring.score(talk, Metadata(contact_id="4711"))
    assert scoring.verify("4711").same
    house = msgspec.structs.replace(scoring.rubric, id="house", coverage_floor=0.0)
    with Scoring(scoring.store, rubric=house) as other:
        assert other.verify(call.call_id).same  # by the rubric that judged it, not by the one at hand
        other.score(talk)
    assert scoring.verify("4711").same
    with monkeypatch.context() as patched:
        patched.setattr(rubrics, "scorer_version", lambda: "f" * 12)
        assert f"this is scorer {'f' * 12}" in str(scoring.verify("4711").reason)
    found = scoring.store.call("4711")
    assert found.scorecard is not None
    tampered = msgspec.structs.replace(found.scorecard, percent=99.0)
    scoring.store.save(
        msgspec.structs.replace(
            scoring._scored(found.call.sha256, found.metadata, found.kept, said=found.metadata),  # type: ignore[arg-type]
            scorecard=tampered,
        )
    )
    assert not scoring.verify("4711").same
    with pytest.raises(CallNotFound):
        scoring.verify("4712")


@pytest.mark.parametrize("change", ['{"title": null}', '{"mood": 1}'])
def test_a_scorecard_whose_rubric_is_of_another_version_is_not_verified_and_that_is_said(
    scoring: Scoring, talk: Path, change: str
) -> None:
    """A stored rubric that lacks a part, or has one that is not known."""
    call = scoring.score(talk)
    with scoring.store._database.writing() as con:
        con.execute("UPDATE rubrics SET content = json_merge_patch(content, ?)", [change])
    verified = scoring.verify(call.call_id)
    assert not verified.same
    assert f"rubric empathy {scoring.rubric.version} is not one that this version can read" in str(verified.reason)


def test_a_store_is_rescored_by_another_rubric_without_sound(path: Path) -> None:
    with Store.open(path) as store:
        with Scoring(store) as scoring:
            before = {outcome.call.call_id: outcome.call for outcome in scoring.batch(metadata=DEMO) if outcome.call}
            assert list(scoring.rescore()) == []
        house = msgspec.structs.replace(scoring.rubric, id="house", coverage_floor=0.0)
        with Scoring(store, rubric=house) as other:
            north = [outcome.call for outcome in other.rescore(team="North") if outcome.call]
            assert len(north) == 16
            assert len(list(other.rescore())) == 16
            assert list(other.rescore()) == []
        for call_id, call in before.items():
            after = store.call(call_id)
            assert after.scorecard == rubrics.score(call.transcript, house)  # type: ignore[arg-type]
            assert (after.transcript, after.metadata) == (call.transcript, call.metadata)
        assert {row.rubric for row in store.compare()} == {"house"}
