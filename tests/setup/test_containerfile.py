"""docs/Containerfile, as far as it can be tried without a program that builds containers."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from benchmarks.serving import start_server
from qa.cli import cli

ROOT = Path(__file__).parents[2]


def instructions() -> Iterator[tuple[str, str]]:
    """Each instruction with what follows it, on one line."""
    text = (ROOT / "docs" / "Containerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    for line in "\n".join(lines).replace("\\\n", "").splitlines():
        name, _, rest = line.partition(" ")
        yield name, rest.strip()


def given(name: str) -> list[str]:
    return [rest for found, rest in instructions() if found == name]


def test_what_is_copied_and_installed_is_there() -> None:
    """Files and folders of the project, and a lock in which every package has its version and hashes."""
    copied = [shlex.split(each)[:-1] for each in given("COPY") if not each.startswith("--from")]
    for name in [name for names in copied for name in names]:
        assert (ROOT / name).exists(), name
    assert {"qa", "rubric", "transcription", "pyproject.toml"} <= {name for names in copied for name in names}
    (install,) = [words for words in map(shlex.split, given("RUN")) if "--require-hashes" in words]
    lock = install[install.index("--requirement") + 1]
    assert [lock] in copied
    pinned = re.split(r"\n(?=\S)", (ROOT / lock).read_text(encoding="utf-8"))
    assert len(pinned) > 40
    assert [each for each in pinned if "==" not in each.split("\n")[0] or "--hash=sha256:" not in each] == []


def test_the_lock_of_serving_is_part_of_the_whole_lock() -> None:
    """The same versions, without what only development needs."""
    whole, serving = (
        set(re.findall(r"^(\S+==[^\s;]+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("requirements.lock", "requirements-serve.lock")
    )
    assert serving < whole
    assert not any(each.startswith(("pytest==", "mypy==", "ruff==")) for each in serving)


def test_it_serves_as_nobody_in_particular_and_stops_in_order() -> None:
    """What it runs is a command that there is, with options that there are; not as root; SIGTERM ends it."""
    command = [*json.loads(given("ENTRYPOINT")[0]), *json.loads(given("CMD")[0])]
    serve = cli.commands[command[1]]
    options = serve.make_context("serve", command[2:], parent=click.Context(cli)).params
    assert (command[0], options["host"], options["port"]) == ("qa", "0.0.0.0", 8000)  # noqa: S104 - in the container
    assert given("EXPOSE") == [str(options["port"])]
    assert given("USER") == ["qa"]
    assert given("STOPSIGNAL") == ["SIGTERM"]
    (volume,) = given("VOLUME")
    assert any(f"QA_STORE={volume}/" in each for each in given("ENV"))


@pytest.mark.parametrize("ready", [True, False])
def test_its_health_is_that_of_readyz(ready: bool, tmp_path: Path) -> None:
    """The command fails where the server is not ready."""
    (check,) = given("HEALTHCHECK")
    command = json.loads(check.split(" CMD ", 1)[1])
    assert command[0] == "python"
    with start_server(tmp_path / "qa.duckdb", QA_MIN_FREE_BYTES="0" if ready else str(10**18)) as server:
        words = [word.replace("127.0.0.1:8000", server.client.base_url.netloc.decode()) for word in command[1:]]
        assert words != command[1:]
        done = subprocess.run([sys.executable, *words], capture_output=True, check=False)
    assert (done.returncode == 0) == ready
