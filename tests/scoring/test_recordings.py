"""Scoring from sound, with the real tiny.en."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import msgspec
import pytest

from qa import Metadata, Scoring, Store
from qa.errors import ContactTaken, StoreProblem
from qa.jobs.dispatcher import Dispatcher
from qa.results import result_line
from rubric import load
from transcription import swapped
from transcription.errors import BadRecording, ModelProblem

Record = Callable[..., Path]


def test_a_recording_is_transcribed_scored_stored_and_kept(scoring: Scoring, record: Record) -> None:
    call = scoring.score(record("a.wav"), Metadata(team="North", agent="Ada"))
    assert scoring.store.call(call.call_id) == call
    assert call.metadata == Metadata(recording="a.wav", team="North", agent="Ada")
    assert call.transcript is not None
    assert {turn.speaker for turn in call.transcript.turns} == {"agent", "customer"}
    assert call.scorecard is not None
    assert call.scorecard.model == "tiny.en"
    assert scoring.store.files.path(call.call.sha256).read_bytes() == record("a.wav").read_bytes()
    assert result_line(call)["call_id"] == call.call_id


def test_what_is_known_is_not_transcribed_again(scoring: Scoring, record: Record) -> None:
    """Counted: the same bytes, said channel, other rubric and other metadata cost none; another team and `again` do."""
    file = record("a.wav")
    first = scoring.score(file, Metadata(team="North"))
    assert scoring.score(record("renamed.wav"), Metadata(team="North")).call_id == first.call_id

    left = scoring.score(file, Metadata(team="North", agent_channel="left"))
    assert (left.speakers_settled, left.transcript) == (True, first.transcript)
    right = scoring.score(file, Metadata(team="North", agent_channel="right"))
    assert first.transcript is not None
    assert right.transcript == swapped(first.transcript)
    assert right.kept is not None
    assert right.kept.agent_channel == "right"
    assert scoring.score(file, Metadata(team="North", agent="Ada")).transcript == right.transcript

    house = msgspec.structs.replace(load(), id="house", coverage_floor=0.1)
    with Scoring(scoring.store, rubric=house) as other:
        assert other.score(file, Metadata(team="North")).scorecard.rubric.id == "house"  # type: ignore[union-attr]
        assert other.transcriptions == 0

    assert scoring.transcriptions == 1
    assert scoring.score(file, Metadata(team="South")).call_id != first.call_id
    assert scoring.transcriptions == 2
    again = scoring.score(file, Metadata(team="North"), again=True)
    assert (scoring.transcriptions, again.call_id) == (3, first.call_id)
    assert again.transcript == right.transcript
    assert scoring.store.sql("SELECT count(*), count(DISTINCT call_id) FROM transcripts").rows == ((2, 2),)


def test_a_correction_that_comes_while_a_call_is_transcribed_stays(scoring: Scoring, record: Record) -> None:
    """A job does not write what it knew back over it, and the next job goes by it."""
    store = scoring.store
    sha256 = store.files.keep(record("a.wav"))
    wrong = store.accept(sha256=sha256, metadata=Metadata(agent="Wrong", agent_channel="left"))
    corrected = Metadata(agent="Right", agent_channel="right")

    def correct(_share: float) -> None:
        if store.row(wrong.call_id).metadata != corrected:
            store.correct(wrong.call_id, lambda _: corrected)

    dispatcher = Dispatcher(scoring)
    for progress in (correct, lambda _share: None):
        dispatcher._going_on = progress  # type: ignore[method-assign]
        job = store.claim()
        assert job is not None
        dispatcher._score(job)
        store.finish(job.job_id)
        assert store.row(wrong.call_id).metadata == corrected
    after = store.call(wrong.call_id)
    assert after.kept is not None
    assert (after.kept.agent_channel, after.speakers_settled, scoring.transcriptions) == ("right", True, 1)


def test_batch_names_the_broken_and_scores_the_rest_whoever_does_the_work(
    path: Path, record: Record, tmp_path: Path, conversation: bytes
) -> None:
    record("in/a.wav")
    record("in/b.wav", start=1600)
    record("in/same-as-a.wav")
    (tmp_path / "in/empty.wav").touch()
    (tmp_path / "in/text.wav").write_text("not a recording")
    (tmp_path / "in/talk.json").write_bytes(conversation)
    (tmp_path / "in/bad.json").write_text("{")
    lines = []
    with Store.open(path) as store, ProcessPoolExecutor(1, get_context("spawn")) as pool:
        for scoring, executor in ((Scoring(store), None), (Scoring(store), pool)):
            again = executor is not None
            outcomes = list(scoring.batch([tmp_path / "in", tmp_path / "none.wav"], again=again, executor=executor))
            good = {Path(outcome.recording).name: outcome.call for outcome in outcomes if outcome.call}
            bad = {Path(outcome.recording).name: outcome.error for outcome in outcomes if outcome.error}
            assert set(good) == {"a.wav", "b.wav", "same-as-a.wav", "talk.json"}
            assert set(bad) == {"empty.wav", "text.wav", "bad.json", "none.wav"}
            assert all(name in str(error) and "\n" not in str(error) for name, error in bad.items())
            assert good["a.wav"].call_id == good["same-as-a.wav"].call_id
            lines.append({name: call.scorecard for name, call in good.items()})
        assert store.sql("SELECT count(*) FROM scorecards").rows == ((3,),)
    assert lines[0] == lines[1]


def test_a_contact_id_that_is_taken_is_said_before_anything_is_transcribed(scoring: Scoring, record: Record) -> None:
    scoring.score(record("a.wav"), Metadata(contact_id="4711"))
    with pytest.raises(ContactTaken, match="4711"):
        scoring.score(record("b.wav", start=1600), Metadata(contact_id="4711"))
    assert scoring.transcriptions == 1


def test_progress_goes_from_nothing_to_all(scoring: Scoring, record: Record) -> None:
    shares: list[float] = []
    list(scoring.batch([record("a.wav"), record("b.wav", start=1600)], progress=shares.append))
    assert shares == sorted(shares)
    assert (shares[0] < 0.5, shares[-1]) == (True, 1.0)


def test_one_channel_is_scored_as_far_as_it_can_be_and_stays_unknown_where_it_cannot(
    scoring: Scoring, record: Record
) -> None:
    call = scoring.score(record("mono.wav", channels=(0,)), Metadata(agent_channel="right"))
    assert call.kept is not None
    assert (call.kept.agent_channel, call.speakers_settled) == (None, False)
    line = result_line(call)
    assert line["interruptions"] == {"by_agent": None, "by_customer": None}
    assert line["percent"] is None


def test_a_model_that_cannot_be_had_is_said_once_and_a_file_that_is_not_there_too(path: Path, record: Record) -> None:
    with Store.open(path) as store, Scoring(store, model="small-ish") as scoring:
        with pytest.raises(ModelProblem, match="small-ish"):
            list(scoring.batch([record("a.wav"), record("b.wav")]))
        with pytest.raises(StoreProblem, match=r"cannot read .*none\.wav"):
            scoring.score("none.wav")


def test_a_recording_that_is_too_long_is_named_and_not_kept(path: Path, record: Record) -> None:
    from qa.settings import Settings

    with Store.open(path) as store, Scoring(store, settings=Settings(max_duration_s=5)) as scoring:
        with pytest.raises(BadRecording):
            scoring.score(record("long.wav"))
        assert store.calls().calls == ()
        assert not store.files.root.exists() or not any(store.files.root.rglob("??/*"))
