"""Which files a batch is about: folders opened up, and each file with what is known of it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from qa import metadata
from qa.errors import MetadataProblem
from qa.metadata import Match, Metadata
from transcription.errors import BadRecording, BadTranscript

AUDIO_SUFFIXES = frozenset(
    (".wav", ".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".mp4", ".aac", ".webm", ".wma", ".amr", ".aiff", ".au")
)
TRANSCRIPT_SUFFIXES = frozenset((".json", ".vtt", ".srt"))
_TEXT_SUFFIXES = frozenset((".txt", ".text", ".md", ".csv", ".tsv", ".docx", ".doc", ".pdf", ".html", ".rtf", ".xml"))
TRUTH_SUFFIX = ".truth.json"  # what a benchmark knows about a recording, which is not a transcript of it


def is_transcript(path: Path) -> bool:
    """Whether a file is read as a transcript, by its suffix; everything else is taken for a recording."""
    return path.suffix.lower() in TRANSCRIPT_SUFFIXES


def check_recording(path: Path) -> None:
    """Raise BadTranscript for a file that is plainly text though no transcript by its suffix, BadRecording if empty."""
    if path.suffix.lower() in _TEXT_SUFFIXES:
        raise BadTranscript(
            f"{path.name}: transcripts are read from .json, .vtt and .srt; docs/transcripts.md has the forms"
        )
    if path.is_file() and not path.stat().st_size:
        raise BadRecording(f"{path.absolute()}: the file is empty; was the recording still being written?")


def check_written(said: Metadata) -> None:
    """Raise MetadataProblem where something is said of a transcript that only a recording has."""
    if said.agent_channel is not None:
        what = said.recording or "this"
        raise MetadataProblem(f"agent_channel: {what} is a transcript, which names its speakers; leave it out")


def expand(paths: Iterable[str | Path]) -> tuple[Path, ...]:
    """The files to score: those named, and the recordings and transcripts in folders and below, in order of name.

    Hidden files and `*.truth.json` in folders are passed over; a file that is named stays, whatever it is called.
    """
    found: dict[Path, None] = {}
    for path in map(Path, paths):
        if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises where a name is too long for the file system
            found.update(dict.fromkeys(_in_folder(path)))
        else:
            found[path] = None
    return tuple(found)


def _in_folder(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if any(part.startswith(".") for part in path.relative_to(folder).parts) or path.name.endswith(TRUTH_SUFFIX):
            continue
        if path.suffix.lower() in AUDIO_SUFFIXES | TRANSCRIPT_SUFFIXES and path.is_file():
            yield path


def gather(paths: Iterable[str | Path], said: Metadata | str | Path | None, *, zone: ZoneInfo) -> tuple[Match, ...]:
    """Each file with its metadata: the same for all, or that of its row when `said` names a CSV.

    Raises MetadataProblem where the CSV cannot be used at all; what is wrong with one row or file is in its Match.
    """
    paths = tuple(paths)
    files = expand(paths)
    if said is None or isinstance(said, Metadata):
        return tuple(Match(file, said or Metadata()) for file in files)
    csv_path = Path(said)
    rows = metadata.read_csv(csv_path, zone=zone)
    return metadata.match(rows, files, csv_path=csv_path, asked=bool(paths))
