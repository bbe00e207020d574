"""What only a process of its own shows: signals, pipes, and a terminal."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import DEMO_CALLS, RATE, Demo, Samples

Program = Callable[..., subprocess.Popen[str]]


def test_a_reader_that_has_had_enough_is_no_error(program: Program, demo: Demo) -> None:
    """`qa sql ... | head -1` ends quietly."""
    with program("sql", "FROM range(300000)", "--csv", "--store", demo.store) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == "range\n"
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0


def test_ctrl_c_is_one_line_and_keeps_what_was_finished(program: Program, tmp_path: Path) -> None:
    """Stopped in the middle of a batch: exit code 130, no traceback, the finished call is in the store."""
    conversation = DEMO_CALLS.parent / "conversations" / "north-01.json"
    with program("score", conversation, *sorted(DEMO_CALLS.glob("*.*g*")), "--json") as process:
        assert process.stdout
        assert process.stderr
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest, err = process.communicate(timeout=60)
    assert '"error":null' in first
    assert process.returncode == 130, rest
    assert err.strip() == "qa: stopped; what was finished is kept"
    count = [sys.executable, "-c", "from qa.cli import main; main()", "sql", "SELECT count(*) FROM scorecards", "--csv"]
    assert int(subprocess.run(count, capture_output=True, text=True, check=True).stdout.split()[1]) >= 1


def test_a_terminal_gets_colour_and_a_bar_and_a_pipe_neither(
    program: Program, demo: Demo, talk: tuple[Samples, Samples], wav: Callable[..., Path]
) -> None:
    """Colour and progress are for people who look on."""
    wav(Path("call.wav"), [channel[: 10 * RATE] for channel in talk])
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80"}
    environment.pop("NO_COLOR", None)
    shown = _on_a_terminal(program, "show", "broadband", "--store", str(demo.store), env=environment)
    assert "\x1b[" in shown
    scored = _on_a_terminal(program, "score", "call.wav", env=environment)
    assert "Scoring" in scored
    with program("score", "call.wav", env=environment) as process:
        out, err = process.communicate()
    assert "\x1b" not in out
    assert err == ""


def _on_a_terminal(program: Program, *arguments: str, env: dict[str, str]) -> str:
    ours, theirs = pty.openpty()
    process = program(*arguments, stdout=theirs, stderr=theirs, env=env, text=False)
    os.close(theirs)
    read = b""
    try:
        while chunk := os.read(ours, 65536):
            read += chunk
    except OSError:  # Linux ends a terminal whose other side has closed with EIO
        pass
    os.close(ours)
    assert process.wait() == 0
    return read.decode()
