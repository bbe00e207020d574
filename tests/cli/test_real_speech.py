"""Recordings of every kind, each with exactly what comes out: real speech, real models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from qa import StoredCall
from qa.results import result_line
from tests.cli.conftest import DEMO_CALLS, RATE, Run, WriteWav
from tests.conftest import Fetched, Scored
from transcription import Recogniser


def _verdicts(line: dict[str, Any]) -> set[str]:
    return {criterion["verdict"] for criterion in line["criteria"].values()}


def _reasons(call: StoredCall) -> str:
    assert call.scorecard is not None
    return " ".join(score.reason for score in call.scorecard.scores)


def test_spanish_with_an_english_model_is_not_scored(scored: Scored) -> None:
    """What tiny.en makes of Spanish is no ground for a verdict: all not scorable, no percent, and it says why."""
    call = scored("spanish-call.ogg")
    line = result_line(call)
    assert (line["model"], line["percent"], line["flags"]) == ("tiny.en", None, ["low_confidence"])
    assert _verdicts(line) == {"not_scorable"}
    assert "a better speech model may hear them" in _reasons(call)


def test_spanish_with_a_model_of_many_languages_is_known_and_not_scored(
    scored: Scored, fetched: Fetched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """base writes it down as Spanish; the rubric is for English, so nothing is missed and there is no percent."""
    monkeypatch.setenv("QA_MODELS", str(fetched.folder))
    call = scored("spanish-call.ogg", "base")
    line = result_line(call)
    assert (line["model"], line["percent"], line["flags"]) == ("base", None, ["other_language"])
    assert _verdicts(line) == {"not_scorable"}
    assert call.transcript is not None
    assert call.transcript.language == "es"
    assert "another language (es)" in _reasons(call)


def test_a_real_call_of_two_polite_people_has_a_percent_and_no_interruption(scored: Scored) -> None:
    """Two people who let each other finish, on a real telephone: nothing is made up, and nothing is in doubt."""
    line = result_line(scored("auto-repairs-40.ogg"))
    assert line["interruptions"] == {"by_agent": 0, "by_customer": 0}
    assert (line["coverage"], line["flags"]) == (1.0, [])
    assert line["percent"] is not None


def test_a_whispering_agent_is_flagged_and_not_scored(scored: Scored) -> None:
    """What was not heard is not missed: flagged, every criterion not scorable, and the seconds are named."""
    call = scored("whispered-agent.mp3")
    line = result_line(call)
    assert (line["percent"], line["flags"]) == (None, ["unheard_speech"])
    assert _verdicts(line) == {"not_scorable"}
    assert "s of the agent's channel sound like a whisper" in _reasons(call)


@pytest.mark.parametrize(("share", "flags"), [(0.2, ["fragment", "truncated"]), (0.6, ["truncated"])])
def test_a_truncated_mp3_is_read_as_far_as_it_goes_and_says_so(
    run: Run, tmp_path: Path, *, share: float, flags: list[str]
) -> None:
    """What is there is judged, and how much is lost is shown; of less than half a call nothing can be said."""
    whole = (DEMO_CALLS / "broadband.mp3").read_bytes()
    (tmp_path / "cut.mp3").write_bytes(whole[: round(len(whole) * share)] + b"\x00" * 40)
    done = run("score", "cut.mp3", "--agent-channel", "right", "--json")
    (line,) = done.json_lines
    assert (done.code, line["error"], line["flags"]) == (0, None, flags)
    assert (line["percent"] is None) is ("fragment" in flags)
    transcript = run("show", line["call_id"], "--json").json["transcript"]
    assert transcript["duration_s"] == pytest.approx(191.1 * share, abs=1.5)
    assert "of it could not be decoded" in transcript["doubts"][0]["reason"]
    assert max(turn["end_s"] for turn in transcript["turns"]) <= transcript["duration_s"]


def test_exchanged_channels_are_doubted_and_settled_without_a_new_transcription(
    run: Run, tmp_path: Path, wav: WriteWav, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The agent is on the right, nobody said so: flagged and not scored, until somebody does. One model is loaded."""
    from transcription.audio import decode

    channels = decode(DEMO_CALLS / "broadband.mp3", max_duration_s=600).channels
    wav(tmp_path / "call.wav", [channel[: 25 * RATE] for channel in channels])
    (doubted,) = run("score", "call.wav", "--json").json_lines
    assert (doubted["percent"], doubted["flags"]) == (None, ["channels_swapped"])
    assert _verdicts(doubted) == {"not_scorable"}

    assert "again with --agent-channel right" in " ".join(run("show", doubted["call_id"]).out.split())
    before = run("show", doubted["call_id"], "--json").json["transcript"]["turns"]
    swap = {"agent": "customer", "customer": "agent"}

    def no_more(*_arguments: object, **_options: object) -> None:
        raise AssertionError("it was transcribed again")

    monkeypatch.setattr(Recogniser, "load", no_more)
    monkeypatch.setattr("qa.scoring.transcribe", no_more)
    (settled,) = run("score", "call.wav", "--agent-channel", "right", "--json").json_lines
    assert (settled["call_id"], settled["error"], settled["flags"]) == (doubted["call_id"], None, [])
    assert "met" in _verdicts(settled)
    turns = run("show", settled["call_id"], "--json").json["transcript"]["turns"]
    assert [(swap[turn["speaker"]], turn["text"]) for turn in before] == [(t["speaker"], t["text"]) for t in turns]
