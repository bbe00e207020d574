"""Set-up, as far as it can be tried without installing everything anew."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-serve.lock", "requirements-uv.lock")


def _python(folder: Path, *, version: str, venv: bool = True) -> Path:
    """A program that answers set-up's questions as a Python of that version would."""
    program = folder / f"python-{version}"
    supported = re.match(r"3\.1[123]\.", version) is not None
    program.write_text(
        "#!/bin/sh\n"
        f'case "$2" in *"print("*) echo {version};; *ensurepip*) exit {0 if venv else 1};;'
        f" *) exit {0 if supported else 1};; esac\n"
    )
    program.chmod(0o755)
    return program


def _set_up(folder: Path, python: Path | str) -> subprocess.CompletedProcess[str]:
    for name in (".ci/setup", "Makefile", "pyproject.toml", *LOCKS):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    return subprocess.run(
        ["make", "--silent", "setup", f"PYTHON={python}"], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("version", ["2.7.18", "3.10.13", "3.14.0"])
def test_another_python_gets_one_clear_line(tmp_path: Path, version: str) -> None:
    """A Python that is too old or too new is named with its version, and what would do; nothing is made."""
    done = _set_up(tmp_path, _python(tmp_path, version=version))
    first = done.stderr.splitlines()[0]
    assert done.returncode != 0
    assert "needs Python 3.11, 3.12 or 3.13" in first
    assert f"is {version}" in first
    assert not (tmp_path / ".venv").exists()


def test_a_python_without_venv_gets_the_package_to_install(tmp_path: Path) -> None:
    """Debian splits venv off; the line says so and names the package."""
    done = _set_up(tmp_path, _python(tmp_path, version="3.12.1", venv=False))
    assert done.returncode != 0
    assert "apt-get install python3-venv" in done.stderr.splitlines()[0]


def test_a_python_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A slip in PYTHON= is answered with the name that was given."""
    done = _set_up(tmp_path, tmp_path / "no-such-python")
    assert done.returncode != 0
    assert f"{tmp_path / 'no-such-python'} does not run" in done.stderr.splitlines()[0]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_with_hashes_and_no_index_is_named(lock: str) -> None:
    """An install gets the same bytes everywhere, from whatever index the machine uses."""
    text = (ROOT / lock).read_text()
    requirements = re.findall(r"^\S(?:.*\\\n)*.*$", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE), re.MULTILINE)
    assert requirements
    for requirement in requirements:
        assert re.match(r"[a-z0-9._-]+==\S+", requirement), requirement
        assert "--hash=sha256:" in requirement, requirement
    assert "://" not in text
    assert "index-url" not in text


@pytest.mark.parametrize(("ci", "expected"), [("true", 1), ("", 0)])
def test_a_skipped_test_fails_ci_alone(tmp_path: Path, ci: str, expected: int) -> None:
    """A machine that checks changes must run everything; elsewhere a skip is only seen."""
    shutil.copy(ROOT / "conftest.py", tmp_path)
    (tmp_path / "test_one.py").write_text("import pytest\ndef test_one(): pytest.skip('lacks something')\n")
    (tmp_path / "test_two.py").write_text("def test_two(): pass\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == expected, done.stdout
    assert ("CI allows none" in done.stdout) == bool(expected)
