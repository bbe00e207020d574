"""Which version of the program this is, and how a server says so with every answer."""

from __future__ import annotations

from importlib import metadata

HEADER = "X-Empathy-QA"


def version() -> str:
    """The version of the installed package; 0 where it is run from its sources alone."""
    try:
        return metadata.version("empathy-qa")
    except metadata.PackageNotFoundError:
        return "0"
