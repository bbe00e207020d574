from __future__ import annotations

import subprocess
import sys

import pytest

from qa.cli import cli
from tests.cli.conftest import Run

COMMANDS = sorted(cli.commands)


UNDER = [
    ("import", "outcomes"),
    ("models", "fetch"),
    ("rubric", "show"),
    ("rubric", "check"),
    ("rubric", "new"),
    ("rubric", "accuracy"),
]


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS), *UNDER])
def test_help_fits_a_terminal_of_80_columns(run: Run, command: tuple[str, ...]) -> None:
    """Each command explains itself, in lines that a terminal shows whole."""
    done = run(*command, "--help")
    assert done.code == 0
    assert done.out.startswith("Usage: qa")
    assert [line for line in done.out.splitlines() if len(line) > 80] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_an_example(run: Run, command: str) -> None:
    """A newcomer finds a line to copy in each command's help."""
    assert f"\n    qa {command}" in run(command, "--help").out or command == "demo"


def test_help_loads_nothing_heavy() -> None:
    """`qa --help` answers at once, because no model, store, server or language code is imported for it."""
    heavy = {"faster_whisper", "ctranslate2", "av", "nltk", "duckdb", "litestar", "numpy", "rich"}
    code = f"import sys, qa.cli; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_unknown_command_or_option_is_wrong_usage(run: Run) -> None:
    """Exit code 2, with what is wrong."""
    assert run("scoer").code == 2
    done = run("score", "--modle", "base")
    assert done.code == 2
    assert "--modle" in done.err
