"""The README's examples, run as they stand: one after the other, in a folder as a newcomer would have it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

import qa.demo
import rubric
from tests.cli.conftest import Demo

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def _commands(program: str) -> list[str]:
    lines = "".join(text for language, text in BLOCKS if language == "sh").splitlines()
    return [line for line in lines if line.split()[:1] == [program]]


def _python() -> list[str]:
    return [text for language, text in BLOCKS if language == "python"]


class Place(NamedTuple):
    """A folder with `recordings`, and an environment in which `qa` is the program under test."""

    folder: Path
    environment: dict[str, str]

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            shlex.split(command, comments=True),
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(qa.demo.CALLS.parent, folder / "recordings")
    for recording in (folder / "recordings").glob("*.[mo]*"):
        whole = recording.read_bytes()
        recording.write_bytes(whole[: len(whole) // 4])  # half a minute is talk enough here
    program = folder / "bin" / "qa"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\nfrom qa.cli import main\nmain()\n")
    program.chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("QA_")}
    environment |= {"PATH": f"{program.parent}:{environment['PATH']}", "PYTHONPATH": str(ROOT)}
    return Place(folder, environment)


@pytest.fixture
def address(place: Place) -> Iterator[str]:
    """`qa serve`, run beside the test; its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["qa", "serve", "--port", str(port)]
    with subprocess.Popen(
        command, cwd=place.folder, env=place.environment, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout
        assert f":{port}" in server.stdout.readline()
        yield f"127.0.0.1:{port}"
        server.terminate()
    assert server.returncode == 0


def test_the_commands_of_the_readme_run(place: Place) -> None:
    """Every `qa` line works as it stands, in the order in which it stands."""
    commands = _commands("qa")
    assert len(commands) >= 9
    for command in commands:
        done = place.run(command)
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        assert done.stdout
        assert done.stderr == ""
    assert sum(command.startswith("qa sql") for command in commands) == 2


def test_the_run_of_the_readme_is_of_this_version() -> None:
    """What the README shows was judged by the rubric and the scorer that are in the tree: else `make docs` it anew."""
    shown = set(re.findall(r"rubric empathy (\w+), scorer (\w+)", " ".join(README.split())))
    assert shown == {(rubric.load().version, rubric.scorer_version())}


def test_the_sql_of_the_readme_finds_rows(place: Place, demo: Demo) -> None:
    """The two queries answer with something where calls have been scored."""
    for command in _commands("qa"):
        if command.startswith("qa sql"):
            assert len(place.run(f"{command} --csv --store {demo.store}").stdout.splitlines()) > 1, command


def test_the_three_lines_of_python_run(place: Place) -> None:
    """A batch from Python gives an outcome a file, each with its call."""
    (text,) = _python()
    assert len([line for line in text.splitlines() if line]) == 3
    check = "assert len(outcomes) == 3 and all(each.call and not each.error for each in outcomes), outcomes\n"
    (place.folder / "batch.py").write_text(text + check)
    done = place.run(f"{sys.executable} batch.py")
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
def test_the_upload_with_curl_is_scored(place: Place, address: str) -> None:
    """What curl sends is taken, and its scorecard comes."""
    upload, teams = (command.replace("127.0.0.1:8000", address) for command in _commands("curl"))
    answer = place.run(f"{upload} --silent --include").stdout
    assert re.search(r"^HTTP/1.1 202 ", answer, re.MULTILINE), answer
    found = re.search(r"^location: (\S+)", answer, re.IGNORECASE | re.MULTILINE)
    assert found
    with httpx.Client(base_url=f"http://{address}", timeout=30) as client:
        while (call := client.get(found[1]).json())["state"] in {"queued", "running"}:
            time.sleep(0.2)
    assert call["state"] == "done", call
    assert "South" in place.run(f"{teams} --silent").stdout


def test_what_the_readme_links_to_is_there() -> None:
    """No link of the README is dead."""
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []
