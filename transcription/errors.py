"""Everything that can go wrong and is expected to, one day or another.

    Problem                    every failure that has a cause and a cure to name; its text is one line
    ├── BadRecording           a file that holds no sound we can use: empty, not audio, too long
    ├── ModelProblem           a speech model is not here, not whole, not known, or cannot be fetched
    ├── BadTranscript          a transcript file that does not have the form it should
    ├── rubric.RubricProblem   a rubric file that does not have the form it should
    └── qa.errors.*            the store, metadata, settings

A text says what happened, where, and what to do. Errors of libraries become one of these at the one place where
that library is called, with `raise ... from`.
"""

from __future__ import annotations


class Problem(Exception):
    """An expected failure. `str()` is one line for the person who caused or must cure it."""


class BadRecording(Problem):
    """The recording cannot be decoded, holds nothing, or is longer than is allowed."""


class ModelProblem(Problem):
    """A speech model cannot be had or must not be trusted."""


class BadTranscript(Problem):
    """A transcript file is not in one of the forms that are read."""
