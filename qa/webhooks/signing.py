"""Webhooks: who may be told, and how what they are told is signed (Standard Webhooks 1.0, with a shared secret).

An address may hold a secret, so none stands in the text of an error; a receiver, `host:port`, may be named.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence

MAX_LENGTH = 2000

_PREFIX = "whsec_"
_KEY_BYTES = range(24, 65)
_PORTS = {"http": 80, "https": 443}
_HOST = r"(?P<host>[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
# So narrow that every program that reads an address finds the same host in it: no user, no escapes, no other letters.
_ADDRESS = re.compile(rf"(?P<scheme>https?)://{_HOST}(?:[/?][!-~]*)?", re.IGNORECASE)
_ENTRY = re.compile(_HOST, re.IGNORECASE)


def receiver(url: str) -> str:
    """The host and port that an address names; raises ValueError where it is no address of a webhook."""
    found = _ADDRESS.fullmatch(url)
    if found is None or len(url) > MAX_LENGTH:
        raise ValueError(
            f"it is an http or https address with a host and no user, such as https://hooks.example.org/qa, of at most "
            f"{MAX_LENGTH} characters"
        )
    return f"{found['host'].lower()}:{_port(found['port']) or _PORTS[found['scheme'].lower()]}"


def receivers(hosts: str) -> frozenset[str]:
    """The receivers that a list of hosts allows; one without a port allows those of http and https.

    Raises ValueError for what is no host.
    """
    allowed: set[str] = set()
    for entry in hosts.split():
        found = _ENTRY.fullmatch(entry)
        if found is None:
            raise ValueError(f"{entry!r} is not a host, such as hooks.example.org or hooks.example.org:8443")
        port = _port(found["port"])
        allowed.update(f"{found['host'].lower()}:{each}" for each in ([port] if port else _PORTS.values()))
    return frozenset(allowed)


def keys(secret: str) -> tuple[bytes, ...]:
    """The keys to sign with: one, or several while one takes another's place; raises ValueError."""
    found = []
    for part in secret.split():
        try:
            key = base64.b64decode(part.removeprefix(_PREFIX), validate=True)
        except ValueError:
            key = b""
        if not part.startswith(_PREFIX) or len(key) not in _KEY_BYTES:
            raise ValueError(
                f"it is {_PREFIX} and 24 to 64 random bytes in base64; make one with: "
                f'echo "{_PREFIX}$(openssl rand -base64 32)"'
            )
        found.append(key)
    return tuple(found)


def signed(keys: Sequence[bytes], *, webhook_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers of a delivery: its id, when this try is made (seconds since 1970), and a signature by each key."""
    content = b".".join((webhook_id.encode(), str(timestamp).encode(), body))
    signatures = [base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode() for key in keys]
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def _port(text: str | None) -> int | None:
    if text is None:
        return None
    if not 0 < int(text) <= 0xFFFF:
        raise ValueError("a port is a number from 1 to 65535")
    return int(text)
