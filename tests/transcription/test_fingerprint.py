"""What a change of code does to the versions that stored results carry."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from qa.work import Work, made_with
from transcription import fingerprint, origin

ROOT = Path(__file__).parents[2]
VERSIONS = """
import rubric
from transcription import fingerprint
print(rubric.scorer_version(), fingerprint.of_transcription(), rubric.__file__)
"""


def _versions(root: Path) -> tuple[str, str]:
    """The scorer's version and the transcription code's, as the code in `root` has them."""
    ran = subprocess.run([sys.executable, "-c", VERSIONS], cwd=root, capture_output=True, text=True, check=True)
    scorer, code, where = ran.stdout.split()
    assert Path(where).is_relative_to(root)
    return scorer, code


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[str, str]]:
    """A copy of the code, and its versions."""
    root = tmp_path_factory.mktemp("code")
    for package in ("rubric", "transcription"):
        shutil.copytree(ROOT / package, root / package, ignore=shutil.ignore_patterns("__pycache__"))
    return root, _versions(root)


@pytest.mark.parametrize(
    ("file", "scorer_changes", "transcript_changes"),
    [
        ("rubric/swap.py", True, False),
        ("rubric/cues/apology.toml", True, False),
        ("rubric/cues/weights.toml", True, False),
        ("transcription/sentences.py", True, True),
        ("transcription/backchannels.py", True, True),
        ("transcription/packing.py", False, True),
        ("transcription/whisper.py", False, True),
        ("transcription/models.py", False, False),
    ],
)
def test_a_version_follows_the_code_that_it_stands_for(
    copied: tuple[Path, tuple[str, str]], file: str, *, scorer_changes: bool, transcript_changes: bool
) -> None:
    """An edit of detection, cues or weights makes another scorer; one of the way to words other transcripts."""
    root, before = copied
    whole = (root / file).read_bytes()
    (root / file).write_bytes(whole + b"\n# edited\n")
    after = _versions(root)
    (root / file).write_bytes(whole)
    assert (after[0] != before[0], after[1] != before[1]) == (scorer_changes, transcript_changes)


def test_a_transcript_of_another_recogniser_or_other_code_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    work = Work(path="a.wav", model="m", model_dir="m", model_sha256="0", max_duration_s=9, agent_channel="left")
    before = made_with(work)
    with monkeypatch.context() as patched:
        patched.setattr(origin, "RECOGNISER", "faster-whisper 0.0.1")
        assert made_with(work) != before
    with monkeypatch.context() as patched:
        patched.setattr(fingerprint, "of_transcription", lambda: "other code")
        assert made_with(work) != before
    assert made_with(work) == before
