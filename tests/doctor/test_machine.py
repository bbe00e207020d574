"""What `qa doctor` says of a machine."""

from __future__ import annotations

import os
import resource
import shutil
import time
from pathlib import Path

import pytest

import qa.demo
from qa.doctor import CHECKS, SPEECH, disk, examine, machine, speech
from qa.doctor.finding import Subject, Verdict
from tests.doctor.conftest import Look

DATA = Path(__file__).parents[1] / "data"


def test_a_check_that_breaks_is_wrong_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It is told as one that could not be made, in one line."""

    def breaks(_: Subject) -> Verdict:
        raise ZeroDivisionError("in\ntwo lines")

    few = {"breaks": breaks, "Python": machine.python}
    monkeypatch.setattr("qa.doctor.CHECKS", few)
    found = list(examine(store=str(tmp_path / "qa.duckdb")))
    assert [(finding.check, finding.state) for finding in found] == [("breaks", "wrong"), ("Python", "ok")]
    assert "ZeroDivisionError: in two lines" in found[0].found


def test_settings_come_with_their_sources(looked: Look, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """From the file, the environment and the command line; those that cannot be used are wrong, by name."""
    file = tmp_path / "qa.toml"
    file.write_text("min_calls = 20\n")
    monkeypatch.setenv("QA_SETTINGS", str(file))
    monkeypatch.setenv("QA_WORKERS", "2")
    found = looked({"settings": machine.settings}, store="a.duckdb")["settings"]
    for words in (f"min_calls = 20 ({file})", "workers = 2 (the environment)", "store = a.duckdb (the command line)"):
        assert words in found.found
    secret = "whsec_" + "c2VjcmV0" * 4
    monkeypatch.setenv("QA_WEBHOOK_SECRET", secret)
    found = looked({"settings": machine.settings})["settings"]
    assert "webhook_secret = … (the environment)" in found.found
    assert secret not in found.found
    monkeypatch.setenv("QA_WORKERS", "many")
    found = looked({"settings": machine.settings}, store="a.duckdb")["settings"]
    assert (found.state, "QA_WORKERS" in found.found) == ("wrong", True)


def test_more_workers_than_the_machine_has_are_told(looked: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of cores, and of memory: 64 of them, and so little that the model cannot be loaded."""
    few = {"cores": machine.cores, "memory": machine.memory}
    monkeypatch.setenv("QA_WORKERS", "64")
    found = looked(few)
    assert found["cores"].state == "warning"
    assert found["memory"].state in ("warning", "wrong")
    monkeypatch.setenv("QA_WORKER_MEMORY_BYTES", "1000000000")
    found = looked(few)
    assert (found["memory"].state, "a worker may take 1.0 GB" in found["memory"].found) == ("wrong", True)


def test_a_container_is_held_to_less(looked: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its quota of cores and its memory count, and not the machine's."""
    held = {"cpu.max": "50000 100000\n", "memory.max": "600000000\n", "memory.current": "1000000\n"}
    monkeypatch.setattr(machine, "_cgroup", held.__getitem__)
    found = looked({"cores": machine.cores, "memory": machine.memory})
    assert (found["cores"].state, found["cores"].found) == ("warning", "0.5 for 1 workers")
    assert (found["memory"].state, "of 600 MB free" in found["memory"].found) == ("wrong", True)


def test_limits_of_the_user_are_told(looked: Look) -> None:
    """So few open files that connections would be refused."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, hard))
    try:
        found = looked({"limits": machine.limits})["limits"]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert (found.state, found.found) == ("warning", "512 open files")


def test_a_clock_behind_the_store_is_told(
    looked: Look, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the store's newest file, and by its newest row where files have other times."""
    files = [path, *path.with_name("qa.duckdb.files").glob("*"), path.with_name("qa.duckdb.files")]
    assert looked({"clock": machine.clock}, store=str(path))["clock"].state == "ok"
    now_s = time.time()
    monkeypatch.setattr(time, "time", lambda: now_s - 3_600)
    (tmp_path / "program.py").touch()
    os.utime(tmp_path / "program.py", (0, 0))
    monkeypatch.setattr(qa, "__file__", str(tmp_path / "program.py"))
    found = looked({"clock": machine.clock}, store=str(path))["clock"]
    assert (found.state, "before the newest file of the store" in found.found) == ("wrong", True)
    for each in files:
        os.utime(each, (0, 0))
    found = looked({"clock": machine.clock}, store=str(path))["clock"]
    assert (found.state, "before the newest row of the store" in found.found) == ("wrong", True)


@pytest.mark.parametrize(
    ("place", "kind"),
    [("/", "ext4"), ("/var/lib/qa/store", "nfs4"), ("/run/x", "tmpfs"), ("/my disk/a", "xfs"), ("/var/lib", "ext4")],
)
def test_the_kind_of_disk_is_that_of_the_nearest_mount(place: str, kind: str) -> None:
    """As the kernel's table has it, blanks in names and all."""
    table = (
        "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
        "30 22 0:25 / /run rw - tmpfs tmpfs rw\n"
        "41 22 0:40 / /var/lib/qa rw shared:7 - nfs4 server:/qa rw\n"
        "42 22 8:2 / /my\\040disk rw - xfs /dev/vdb rw\n"
    )
    assert disk._mount(Path(place), table)[1] == kind


def test_a_disk_that_cannot_be_relied_on_is_told(looked: Look, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of the network, and one that is too full."""
    table = tmp_path / "mountinfo"
    table.write_text("22 1 8:1 / / rw - nfs server:/ rw\n")
    monkeypatch.setattr(disk, "MOUNTS", table)
    monkeypatch.setenv("QA_MIN_FREE_BYTES", str(10**18))
    found = looked({"kind": disk.kind, "room": disk.room}, store=str(tmp_path / "qa.duckdb"))
    assert (found["kind"].state, found["room"].state) == ("warning", "wrong")
    assert found["kind"].found == "nfs at /"


def test_a_damaged_model_is_told(looked: Look, tmp_path: Path) -> None:
    """Its folder lacks a file, or cannot be loaded; and what speech is asked of says the same."""
    from transcription import models

    folder = tmp_path / "model"
    shutil.copytree(models.locate("tiny.en").dir, folder)
    os.truncate(folder / "model.bin", 1_000_000)
    found = looked({"speech model": speech.model}, model=str(folder))["speech model"]
    assert (found.state, "cannot be loaded" in found.found) == ("wrong", True)
    (folder / "model.bin").unlink()
    for name, check in {"speech model": speech.model, **SPEECH}.items():
        found = looked({name: check}, model=str(folder))[name]
        assert (found.state, "lacks model.bin" in found.found) == ("wrong", True)


def test_a_recording_is_transcribed_as_the_server_does(looked: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a worker of its own, with the factor of its time."""
    monkeypatch.setattr(speech, "RECORDING", DATA / "two-people-5s.wav")
    found = looked(SPEECH)["speech"]
    assert found.state in ("ok", "warning")  # on a busy machine five seconds may take six
    assert "a factor of" in found.found


def test_a_rubric_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """With its place."""
    from qa.doctor import look, subject

    (tmp_path / "rubric.toml").write_text("id = 'mine'\ncriterion = 3\n")
    with subject(rubric=tmp_path / "rubric.toml") as given:
        (found,) = look(given, {"rubric": CHECKS["rubric"]})
    assert (found.state, "criterion" in found.found) == ("wrong", True)
