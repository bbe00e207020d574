"""Every setting in one table: its name with the unit in it, its default, and a sentence.

A setting `max_upload_bytes` is read from the environment as `QA_MAX_UPLOAD_BYTES`, else from the TOML file that
`QA_SETTINGS` names, as `max_upload_bytes = 500000000`, else it has its default.

`QA_MODELS`, the folder of fetched speech models, is `transcription.models`'s own, which knows no settings.
`QA_API_KEY`, the key for a server, is a secret: it is read from the environment alone, and shown nowhere.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from qa.errors import SettingsProblem
from qa.webhooks import signing

PREFIX = "QA_"
FILE_VARIABLE = "QA_SETTINGS"
MODELS_VARIABLE = "QA_MODELS"
KEY_VARIABLE = "QA_API_KEY"

Days = Annotated[int, Meta(ge=1, le=36_500)]


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings in force. `table()` lists them with their sentences."""

    store: Annotated[str, Meta(description="The store: a DuckDB file; recordings lie beside it in FILE.files.")] = (
        "qa.duckdb"
    )
    server: Annotated[
        str,
        Meta(
            description="The server that commands ask instead of opening a store, as https://qa.example.org; "
            "`--store` goes before it."
        ),
    ] = ""
    model: Annotated[str, Meta(description="The speech model: a name that `qa models` lists, or a directory.")] = (
        "tiny.en"
    )
    time_zone: Annotated[
        str, Meta(description="The zone of a `started_at` that has no offset, by its IANA name such as Europe/Berlin.")
    ] = "UTC"
    agent_channel: Annotated[
        Literal["left", "right"],
        Meta(description="The channel that carries the agent where nothing is said of a call."),
    ] = "left"
    max_upload_bytes: Annotated[int, Meta(description="The largest recording taken over HTTP, in bytes.", ge=1)] = (
        500_000_000
    )
    max_duration_s: Annotated[float, Meta(description="The longest recording that is scored, in seconds.", gt=0)] = (
        14_400.0
    )
    workers: Annotated[
        int, Meta(description="How many processes of `qa serve` transcribe at once; each loads the model.", ge=1, le=64)
    ] = 1
    worker_memory_bytes: Annotated[
        int, Meta(description="The most memory (address space) that one of them may take, in bytes.", ge=1_000_000_000)
    ] = 8_000_000_000
    max_queue: Annotated[
        int, Meta(description="With so many calls waiting to be scored, uploads are put off (429).", ge=1)
    ] = 100_000
    max_requests_per_minute: Annotated[
        int, Meta(description="So many requests a minute are answered to one API key; more get 429.", ge=1)
    ] = 6_000
    min_free_bytes: Annotated[
        int, Meta(description="With less room on the disk than this, uploads are put off (507), in bytes.", ge=0)
    ] = 2_000_000_000
    webhook_url: Annotated[
        str, Meta(description="The address that is told when a job ends, http or https; empty for none.")
    ] = ""
    webhook_secret: Annotated[
        str,
        Meta(description="What webhooks are signed with: `whsec_` and 24 to 64 random bytes in base64; or several."),
    ] = ""
    webhook_hosts: Annotated[
        str, Meta(description="Hosts whose webhooks uploads may name: HOST or HOST:PORT, with blanks between.")
    ] = ""
    retention_days: Annotated[
        Days | None, Meta(description="Calls are erased when they are this many days old, by the server; none: never.")
    ] = None
    retention_days_by_team: Annotated[
        dict[str, Days], Meta(description="The same for the teams named, over `retention_days`; a table, or JSON.")
    ] = {}
    audit_days: Annotated[
        int, Meta(description="Rows of the audit are deleted when they are this many days old.", ge=1, le=36_500)
    ] = 400
    log_format: Annotated[
        Literal["text", "json"], Meta(description="How `qa serve` logs to stderr: for people, or a JSON object a line.")
    ] = "text"
    backups: Annotated[
        str, Meta(description="The folder that `POST /api/backups` writes backups into; without one it is refused.")
    ] = ""
    min_calls: Annotated[
        int, Meta(description="A mean over fewer scored calls than this is marked `too_few`.", ge=2)
    ] = 10
    min_agents: Annotated[
        int, Meta(description="A team's mean over fewer agents than this is marked `too_few`.", ge=2)
    ] = 3

    @property
    def zone(self) -> ZoneInfo:
        """The configured time zone; `load` has checked that it exists."""
        return ZoneInfo(self.time_zone)


class Setting(msgspec.Struct, frozen=True):
    """One line of the table of settings."""

    name: str
    variable: str
    default: str | float | int | dict[str, int] | None
    sentence: str


def table() -> tuple[Setting, ...]:
    """All settings, in order: name, environment variable, default and a sentence."""
    return tuple(
        Setting(name, PREFIX + name.upper(), default, _sentence(name))
        for name, default in msgspec.structs.asdict(Settings()).items()
    )


def _sentence(name: str) -> str:
    meta = get_type_hints(Settings, include_extras=True)[name].__metadata__[0]
    return str(meta.description)


SECRET = ("webhook_url", "webhook_secret")
"""Settings whose values nothing shows."""


def load(environ: Mapping[str, str] | None = None, **given: Any) -> Settings:
    """The settings from the environment and the settings file, with `given` (those not None) over both.

    Raises SettingsProblem naming the setting and where it was set.
    """
    found = _gather(os.environ if environ is None else environ, given)
    for name, (value, source) in found.items():
        _check(name, value, source)
    return msgspec.convert({name: value for name, (value, _) in found.items()}, Settings, strict=False)


def sources(environ: Mapping[str, str] | None = None, **given: Any) -> dict[str, str]:
    """Where each setting comes from that is not left at its default; raises SettingsProblem as `load` does."""
    return {name: source for name, (_, source) in _gather(os.environ if environ is None else environ, given).items()}


def _gather(environ: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, tuple[Any, str]]:
    """What is set, and where."""
    found: dict[str, tuple[Any, str]] = {}
    if path := environ.get(FILE_VARIABLE):
        found = {name: (value, path) for name, value in _from_file(Path(path)).items()}
    for variable, text in environ.items():
        name = variable.removeprefix(PREFIX).lower()
        if not variable.startswith(PREFIX) or variable in (FILE_VARIABLE, MODELS_VARIABLE, KEY_VARIABLE):
            continue
        if name in Settings.__struct_fields__:
            found[name] = _from_text(name, text), "the environment"
        elif near := difflib.get_close_matches(name, Settings.__struct_fields__, n=1, cutoff=0.8):
            # Other programs may own variables that begin with QA_; only what looks like a slip is stopped.
            raise SettingsProblem(f"{variable} is not a setting; did you mean {PREFIX}{near[0].upper()}?")
    for name, value in given.items():
        if value is not None:
            found[name] = value, "the command line"
    return found


def _from_text(name: str, text: str) -> object:
    """What the environment says of a setting: a table as JSON."""
    if not isinstance(getattr(Settings(), name), dict):
        return text
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise SettingsProblem(
            f'setting {name} ({PREFIX}{name.upper()}) = {text!r} in the environment: give JSON such as {{"North": 90}}'
        ) from error


def _check(name: str, value: object, source: str) -> None:
    if name == "server" and "@" in str(value):  # which is not shown: it may be a password
        raise SettingsProblem(f"setting server in {source} names a user: leave that out, and set {KEY_VARIABLE}")
    try:
        settings = msgspec.convert({name: value}, Settings, strict=False)
        if name in _CHECKS:
            _CHECKS[name](getattr(settings, name))
    except (msgspec.ValidationError, ValueError) as error:
        cause = str(error).removesuffix(f" - at `$.{name}`")
    else:
        return
    shown = "" if name in SECRET else f" = {value!r}"
    raise SettingsProblem(f"setting {name} ({PREFIX}{name.upper()}){shown} in {source}: {cause}")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # no such zone, or a name that is a path or a folder
        raise ValueError(f"no time zone is called {name!r}; use an IANA name such as Europe/Berlin") from None


def _address(text: str) -> None:
    parts = urlsplit(text)
    found = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    if text and not (found and text.isprintable() and not (parts.query or parts.fragment or " " in text)):
        raise ValueError("it is not the address of a server, such as https://qa.example.org")


_CHECKS: Mapping[str, Callable[[str], object]] = {
    "time_zone": _zone,
    "webhook_url": lambda url: url and signing.receiver(url),
    "webhook_secret": signing.keys,
    "webhook_hosts": signing.receivers,
    "server": _address,
}
"""What a text must be besides: each raises ValueError."""


def _from_file(path: Path) -> dict[str, Any]:
    try:
        values = msgspec.toml.decode(path.read_bytes(), type=dict[str, Any])
    except OSError as error:
        raise SettingsProblem(f"cannot read the settings file {path} ({FILE_VARIABLE}): {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SettingsProblem(f"the settings file {path} is not TOML: {error}") from error
    for name in values:
        if name not in Settings.__struct_fields__:
            near = difflib.get_close_matches(name, Settings.__struct_fields__, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise SettingsProblem(f"{path}: {name} is not a setting{hint}")
    return values
