"""`qa doctor`: what is wrong, in words."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.cli.conftest import Demo, Run


def test_a_machine_and_a_store_that_are_well(run: Run, demo: Demo, tmp_path: Path) -> None:
    """A table of checks, exit code 0; as JSON an object a line."""
    shutil.copy(demo.store, "qa.duckdb")
    shutil.copytree(demo.store.with_name("demo.duckdb.files"), "qa.duckdb.files")
    done = run("doctor")
    assert (done.code, done.err) == (0, "")
    assert "3, each of a call" in done.out
    assert done.out.splitlines()[-1].startswith("0 wrong, ")
    assert [line for line in done.out.splitlines() if len(line) > 80] == []
    told = run("doctor", "--json").json_lines
    assert {line["check"] for line in told} >= {"Python", "store", "recordings", "keys"}
    assert {tuple(line) for line in told} == {("check", "state", "found", "do")}


def test_what_is_wrong_is_said_with_what_to_do(run: Run) -> None:
    """Exit code 1; the checks that can be made are made."""
    Path("qa.duckdb").write_text("not a store, and longer than a header would be\n" * 1000)
    done = run("doctor")
    assert done.code == 1
    assert "is not a store" in done.out
    assert "→ " in done.out
    assert "1 wrong" in done.out.splitlines()[-1]
