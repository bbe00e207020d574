"""The command line as its users run it, over a store that the demo has filled once for all of these tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import wave
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

import qa.demo
from qa.cli import main
from transcription import formats

Samples = NDArray[np.float32]
DEMO_CALLS = qa.demo.CALLS.parent
RATE = 16_000


class Done(NamedTuple):
    """What a run of `qa` left: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def json_lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Done]
WriteWav = Callable[..., Path]


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each test in a folder of its own, with no settings but those it makes."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("QA_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("score", path)` runs `qa score path` in this process; nothing may come out as a traceback."""

    def run(*arguments: str | Path) -> Done:
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return Done(int(stopped.value.code or 0), captured.out, captured.err)

    return run


def program(*arguments: str | Path, **options: Any) -> subprocess.Popen[str]:
    """`qa` as a process of its own; Ctrl-C reaches it as in a terminal, even where tests run in the background."""
    interruptible = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    command = [sys.executable, "-c", f"{interruptible}; from qa.cli import main; main()", *map(str, arguments)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, **{**pipes, **options})


@pytest.fixture(name="program")
def program_fixture() -> Callable[..., subprocess.Popen[str]]:
    return program


class Demo(NamedTuple):
    """A finished `qa demo`: what it printed, and its store."""

    code: int
    out: str
    err: str
    store: Path


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """`qa demo`, run once, as a newcomer would see it in a pipe of 80 columns."""
    folder = tmp_path_factory.mktemp("demo")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("QA_") and name != "COLUMNS"}
    process = program("demo", cwd=folder, env={**clean, "PYTHONPATH": str(Path(qa.demo.__file__).parents[1])})
    out, err = process.communicate(timeout=300)
    return Demo(process.returncode, out, err, folder / "demo.duckdb")


def write_wav(path: Path, channels: Sequence[Samples], *, rate: int = RATE) -> Path:
    """Write samples of -1 to 1, one array a channel, as 16-bit PCM."""
    pcm = (np.clip(np.stack(channels, axis=1), -1, 1) * 32_767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm.tobytes())
    return path


@pytest.fixture(scope="session")
def talk() -> tuple[Samples, Samples]:
    """The two channels of a demo call, agent first, at 16 kHz."""
    from transcription.audio import decode

    left, right = decode(DEMO_CALLS / "car-repair.ogg", max_duration_s=600).channels
    return left, right


@pytest.fixture
def german(tmp_path: Path) -> Path:
    """A short call in a language that the rubric is not for: nothing of it can be judged."""
    path = tmp_path / "german.vtt"
    path.write_text(
        "WEBVTT\n\n00:00.000 --> 00:02.000\n<v Agent>Guten Tag, was kann ich für Sie tun?\n\n"
        "00:03.000 --> 00:08.000\n<v Customer>Mein Paket ist nie angekommen.\n"
    )
    transcript = msgspec.structs.replace(formats.read(path), language="de")
    (tmp_path / "german.json").write_bytes(formats.to_json(transcript))
    return tmp_path / "german.json"


@pytest.fixture
def wav() -> WriteWav:
    return write_wav
