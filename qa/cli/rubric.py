"""`qa rubric`: what a rubric asks, whether a file is right, and a starting point for one's own."""

from __future__ import annotations

from pathlib import Path

import click

from qa.cli.accuracy import accuracy
from qa.cli.common import EXISTING_FILE, json_option, print_json, store_option


@click.group(
    short_help="Rubrics: check a file, show what it asks, begin one.",
    epilog="""\b
Examples:
  qa rubric check our-rubric.toml   is it right, and what would it ask?
  qa rubric accuracy                how well it agrees with readers""",
)
def rubric() -> None:
    """See what a rubric asks, check one of your own, begin a new one."""


@rubric.command(
    short_help="Is a rubric file right?",
    epilog="""\b
Example:
  qa rubric check our-rubric.toml

Exit code 2: it is not; each line names the place in the file and the cure.""",
)
@click.argument("file", type=EXISTING_FILE)
@json_option
@store_option
def check(file: Path, as_json: bool, store: str | None) -> None:  # noqa: ARG001 - every command takes it
    """Say whether the rubric FILE is right, its version, and what it would ask."""
    from rubric import load

    read = load(file)
    if as_json:
        print_json({"id": read.id, "version": read.version})
    else:
        click.echo(f"{file} is right: rubric {read.id} {read.version}.")


rubric.add_command(accuracy)
