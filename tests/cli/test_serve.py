"""`qa serve`: what it refuses before it listens."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_quack_without_its_extension(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line, exit code 2, and nothing served; the store is let go of."""
    monkeypatch.setenv("HOME", str(tmp_path))  # an installed extension lies below it
    done = run("serve", "--port", "0", "--quack")
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[-1].startswith("qa: --quack: DuckDB's extension quack cannot be used")
    assert run("keys", "list").code == 0
