"""What wrong input gets: one clear line or an honest result, and nothing else is lost."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import DEMO_CALLS, RATE, Run, Samples, WriteWav

DATA = Path(__file__).parents[1] / "data"


def _one_line(err: str) -> str:
    lines = err.splitlines()
    assert len(lines) == 1, err
    assert lines[0].startswith("qa: ")
    return lines[0]


def _broken(folder: Path) -> list[Path]:
    """Five files that hold no call: empty, text, noise, a picture's bytes, and half a header."""
    contents = {
        "empty.wav": b"",
        "text.wav": b"This is a letter, not a recording.\n" * 20,
        "noise.ogg": random.Random(4).randbytes(4000),
        "picture.mp3": b"\x89PNG\r\n\x1a\n" + bytes(500),
        "cut.flac": b"fLaC\x00\x00\x00\x22" + bytes(12),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in contents]


@pytest.mark.parametrize("index", range(5))
def test_what_is_no_recording_is_named_with_the_cause(run: Run, tmp_path: Path, index: int) -> None:
    """Exit code 1, and one line with the file's name."""
    path = _broken(tmp_path)[index]
    done = run("score", path)
    assert done.code == 1
    assert path.name in _one_line(done.err)


def test_thirty_with_five_broken_score_twenty_five(run: Run, tmp_path: Path, wav: WriteWav) -> None:
    """A bad file stops no other: of 30 recordings 25 are stored, five are named, and the exit code says so."""
    from transcription.audio import decode

    folder = tmp_path / "recordings"
    folder.mkdir()
    channels = decode(DATA / "auto-repairs-40.ogg", max_duration_s=600).channels
    for number in range(25):
        wav(folder / f"call-{number:02}.wav", [channel[number * 4 * RATE :][: 3 * RATE] for channel in channels])
    broken = {path.name for path in _broken(folder)}
    done = run("score", folder, "--team", "North", "--json")
    lines = done.json_lines
    assert done.code == 1
    assert len(lines) == 30
    assert {Path(line["recording"]).name for line in lines if line["error"]} == broken
    assert all(line["model"] == "tiny.en" for line in lines if not line["error"])
    scored = "SELECT count(DISTINCT call_id) AS n FROM scorecards JOIN transcripts USING (call_id)"
    assert run("sql", scored, "--json").json == [{"n": 25}]


def test_silence_has_no_percent_and_says_why(run: Run, tmp_path: Path, wav: WriteWav) -> None:
    """Nothing was said, so nothing is met or missed."""
    wav(tmp_path / "silence.wav", [np.zeros(20 * RATE, np.float32)] * 2)
    _has_no_percent(run, "silence.wav")


def test_music_earns_nothing(run: Run, tmp_path: Path, wav: WriteWav) -> None:
    """A chord that swells is no speech, whatever a recogniser would make of it."""
    seconds = np.arange(30 * RATE) / RATE
    chord = sum(np.sin(2 * np.pi * pitch * seconds) for pitch in (220, 277.2, 329.6, 440)) / 8
    music = (chord * (0.6 + 0.4 * np.sin(2 * np.pi * 0.5 * seconds))).astype(np.float32)
    wav(tmp_path / "music.wav", [music, np.roll(music, RATE)])
    _has_no_percent(run, "music.wav")


def _has_no_percent(run: Run, name: str) -> None:
    done = run("score", name, "--json")
    line = done.json_lines[0]
    assert (done.code, line["error"], line["percent"]) == (0, None, None)
    assert {each["verdict"] for each in line["criteria"].values()} <= {"not_scorable", "not_applicable"}
    assert "no_speech" in line["flags"]
    shown = run("show", line["call_id"]).out
    assert "no percent" in shown


def test_a_dead_channel_is_said_and_not_scored(
    run: Run, tmp_path: Path, talk: tuple[Samples, Samples], wav: WriteWav
) -> None:
    """Half a conversation is no ground for a verdict on listening."""
    agent = talk[0][: 40 * RATE]
    wav(tmp_path / "dead.wav", [agent, np.zeros_like(agent)])
    line = run("score", "dead.wav", "--json").json_lines[0]
    assert "dead_channel" in line["flags"]
    assert line["criteria"]["listens"]["verdict"] == "not_scorable"
    assert line["percent"] is None


def test_one_channel_is_said_and_not_scored(
    run: Run, tmp_path: Path, talk: tuple[Samples, Samples], wav: WriteWav
) -> None:
    """Who spoke cannot be known, so interruptions are not known either: null, never 0."""
    both = (talk[0] + talk[1])[: 30 * RATE] * np.float32(0.5)
    wav(tmp_path / "mono.wav", [both])
    line = run("score", "mono.wav", "--json").json_lines[0]
    assert line["interruptions"] == {"by_agent": None, "by_customer": None}
    assert line["percent"] is None
    assert "one_channel" in line["flags"]


def test_a_recording_over_the_limit_names_the_setting(
    run: Run, tmp_path: Path, wav: WriteWav, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recording that is too long is refused before it is worked on, with what to do."""
    monkeypatch.setenv("QA_MAX_DURATION_S", "10")
    wav(tmp_path / "long.wav", [np.zeros(11 * RATE, np.float32)] * 2)
    done = run("score", "long.wav")
    assert done.code == 1
    assert "long.wav" in _one_line(done.err)
    assert "max_duration_s" in done.err


def test_an_hour_of_audio_is_scored(run: Run, tmp_path: Path, talk: tuple[Samples, Samples], wav: WriteWav) -> None:
    """Length alone is no obstacle: talk at the end of an hour has its true times."""
    end = [channel[: 20 * RATE : 2] for channel in talk]
    hush = np.zeros(3580 * RATE // 2, np.float32)
    wav(tmp_path / "hour.wav", [np.concatenate([hush, channel]) for channel in end], rate=RATE // 2)
    line = run("score", "hour.wav", "--json").json_lines[0]
    assert line["error"] is None
    transcript = run("show", line["call_id"], "--json").json["transcript"]
    assert transcript["duration_s"] == pytest.approx(3600, abs=0.1)
    assert min(turn["start_s"] for turn in transcript["turns"]) >= 3579.5


def test_a_misspelt_key_in_a_rubric_names_its_place_and_the_right_one(run: Run, tmp_path: Path) -> None:
    """Exit code 2: nothing is scored by a rubric that does not say what its author meant."""
    import rubric

    text = (Path(rubric.__file__).parent / "default.toml").read_text().replace("max_points", "max_point", 1)
    (tmp_path / "ours.toml").write_text(text)
    done = run("score", DEMO_CALLS / "broadband.mp3", "--rubric", "ours.toml")
    assert done.code == 2
    assert "ours.toml" in _one_line(done.err)
    assert "max_point" in done.err


def test_a_csv_without_a_column_names_it(run: Run, tmp_path: Path) -> None:
    """Exit code 2, the column's name, and nothing scored."""
    (tmp_path / "calls.csv").write_text("recording,team\nbroadband.mp3,North\n")
    done = run("score", DEMO_CALLS, "--metadata", "calls.csv")
    assert done.code == 2
    assert "agent is missing" in _one_line(done.err)


def test_rows_and_files_without_each_other_are_both_named(
    run: Run, tmp_path: Path, talk: tuple[Samples, Samples], wav: WriteWav
) -> None:
    """A row without a file and a file without a row: the rest is scored, and the exit code is 1."""
    for name in ("a.wav", "b.wav"):
        wav(tmp_path / name, [channel[: 3 * RATE] for channel in talk])
    (tmp_path / "calls.csv").write_text("recording,team,agent\na.wav,North,Ada\nc.wav,North,Bo\n")
    done = run("score", "a.wav", "b.wav", "--metadata", "calls.csv")
    assert done.code == 1
    assert "c.wav" in done.err
    assert "b.wav has no row" in done.err
    assert "1 scored, 2 failed" in done.out


def test_a_store_from_a_newer_version_is_left_alone(run: Run, tmp_path: Path) -> None:
    """Exit code 3, one line, and not a byte of it changed."""
    import duckdb

    conversation = DEMO_CALLS.parent / "conversations" / "north-01.json"
    assert run("score", conversation).code == 0
    with duckdb.connect(str(tmp_path / "qa.duckdb")) as connection:
        connection.execute("INSERT INTO migrations SELECT max(step) + 1, 'from the future', now() FROM migrations")
    before = (tmp_path / "qa.duckdb").read_bytes()
    for command in (["score", conversation], ["show", "x"], ["compare"], ["sql", "SELECT 1"]):
        done = run(*command)
        assert done.code == 3
        assert "newer" in _one_line(done.err)
    assert (tmp_path / "qa.duckdb").read_bytes() == before


def test_what_is_no_store_is_said(run: Run, tmp_path: Path) -> None:
    """Exit code 3 for a file that is something else; it is not written to."""
    (tmp_path / "letter.duckdb").write_text("Dear store,\n" * 500)
    done = run("compare", "--store", "letter.duckdb")
    assert done.code == 3
    assert "letter.duckdb" in _one_line(done.err)


def test_a_store_held_by_another_process_is_said_in_one_line(run: Run, tmp_path: Path) -> None:
    """While a server holds the store, every command says so and what to do."""
    code = "import sys, time; from qa import Store; s = Store.open('qa.duckdb'); print('open', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout
        assert holder.stdin
        holder.stdout.readline()
        for command in (["show", "x"], ["compare"], ["sql", "SELECT 1"], ["rescore"]):
            done = run(*command)
            assert done.code == 3
            assert "another process" in _one_line(done.err)
        holder.stdin.write("\n")


def test_a_damaged_model_is_not_used(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 3: a model whose bytes are not what they should be transcribes nothing."""
    folder = tmp_path / "models" / "base"
    folder.mkdir(parents=True)
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt"):
        (folder / name).write_text("not the real thing")
    monkeypatch.setenv("QA_MODELS", str(tmp_path / "models"))
    done = run("score", DEMO_CALLS / "broadband.mp3", "--model", "base")
    assert done.code == 3
    assert "damaged" in _one_line(done.err)
    assert "qa models fetch base" in done.err


def test_a_model_that_is_not_known_gets_a_suggestion(run: Run) -> None:
    """A slip in a name is answered with the name that was meant."""
    done = run("score", DEMO_CALLS / "broadband.mp3", "--model", "tiny-en")
    assert done.code == 3
    assert "tiny.en" in _one_line(done.err)


@pytest.mark.parametrize("name", ["talk.txt", "talk.docx", "calls.csv"])
def test_text_of_no_form_is_told_the_forms(run: Run, tmp_path: Path, name: str) -> None:
    """Not taken for a recording that cannot be decoded."""
    (tmp_path / name).write_text("Agent: Hello.\nCustomer: Hello.\n")
    done = run("score", tmp_path / name)
    assert done.code == 1
    assert _one_line(done.err) == (
        f"qa: {name}: transcripts are read from .json, .vtt and .srt; docs/transcripts.md has the forms"
    )
