"""What every command shares: the store that it works on, and how JSON and tables leave the program."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from qa.remote import RemoteStore
    from qa.settings import Settings
    from qa.store import Store

Function = TypeVar("Function", bound=Callable[..., Any])

FAILED, USAGE, UNUSABLE, STOPPED = 1, 2, 3, 130
"""Exit codes; `qa --help` says what each means."""

_BLANKS_AT_END = re.compile(r"[ \t]+$", re.MULTILINE)

EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


STORE_HELP = "The store, a DuckDB file.  [default: QA_STORE, else ./qa.duckdb]"


def store_option(function: Function) -> Function:
    """`--store FILE`, which every command takes."""
    return click.option("--store", metavar="FILE", help=STORE_HELP)(function)


def json_option(function: Function) -> Function:
    """`--json`, for scripts."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")(function)


def settings_with(**given: Any) -> Settings:
    """The settings in force, with what the command line gives over them."""
    from qa import settings

    return settings.load(**given)


def open_store(store: str | None, *, read_only: bool = False) -> Store | RemoteStore:
    """The store that the command line, the environment or the settings name, by its server where one holds it."""
    from qa.announcement import server_of
    from qa.errors import StoreHeld

    settings = settings_with(store=store)
    if settings.server and store is None:
        return _remote(settings.server, settings)
    try:
        return _own(settings, read_only=read_only)
    except StoreHeld as held:
        if (url := server_of(Path(settings.store), pid=held.pid)) is None:
            raise
        return _remote(url, settings)


def open_own_store(store: str | None, *, read_only: bool = False) -> Store:
    """The same, for what only a store's owner can do: a server is not asked."""
    from qa.errors import SettingsProblem

    settings = settings_with(store=store)
    if settings.server and store is None:
        raise SettingsProblem(
            f"this command needs the store itself, and QA_SERVER names {settings.server}: name a store with --store"
        )
    return _own(settings, read_only=read_only)


def _own(settings: Settings, *, read_only: bool) -> Store:
    from qa.store import Store

    return Store.open(Path(settings.store), read_only=read_only, settings=settings)


def _remote(url: str, settings: Settings) -> RemoteStore:
    from qa.remote import RemoteStore
    from qa.settings import KEY_VARIABLE

    key = os.environ.get(KEY_VARIABLE)
    return RemoteStore.open(url, key, settings=settings, said=lambda text: click.echo(f"qa: {text}", err=True))


def print_json(value: object) -> None:
    """One line of JSON on stdout."""
    import msgspec

    click.echo(msgspec.json.encode(value).decode())


def _console() -> Console:
    from rich.console import Console

    return Console(file=sys.stdout, highlight=False, emoji=False, markup=False)


def width() -> int:
    """How many columns a line may have: the terminal's, 80 where there is none."""
    return _console().width


def put(*things: RenderableType) -> None:
    """Print tables and texts: colour on a terminal only, 80 columns where there is none, no blanks at line ends."""
    console = _console()
    with console.capture() as captured:
        for thing in things:
            console.print(thing)
    click.echo(_BLANKS_AT_END.sub("", captured.get()), nl=False)


def plural(count: int, noun: str) -> str:
    """`1 call`, `2 calls`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
