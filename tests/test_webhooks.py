"""Which addresses a webhook may have, and who is meant by them."""

from __future__ import annotations

import httpx
import pytest

from qa.webhooks import signing

ALLOWED = [
    ("https://hooks.example.org/qa?token=a%20b#c", "hooks.example.org:443"),
    ("HTTP://Hooks.Example.Org", "hooks.example.org:80"),
    ("http://10.0.0.5:8080?x", "10.0.0.5:8080"),
    ("https://[2001:db8::1]:8443/", "[2001:db8::1]:8443"),
    ("https://good.example/@evil.example/\\x", "good.example:443"),
]


@pytest.mark.parametrize(("url", "receiver"), ALLOWED)
def test_an_address_names_its_receiver(url: str, receiver: str) -> None:
    """The one that the program which sends finds in it too."""
    assert signing.receiver(url) == receiver
    sent_to = httpx.URL(url)
    port = sent_to.port or {"http": 80, "https": 443}[sent_to.scheme]
    host = f"[{sent_to.host}]" if ":" in sent_to.host else sent_to.host
    assert f"{host}:{port}" == receiver


@pytest.mark.parametrize(
    "url",
    [
        "ftp://good.example/", "file:///etc/passwd", "good.example", "//good.example/", "https://", "https:///x",
        "https://user:tell-nobody@good.example/", "https://good.example@evil.example/", "https://good.example\\@evil.example",
        "https://good.example%2eevil.example/", "https://good.example:0/", "https://good.example:99999/",
        "https://good.example:44 3/", "https://good.example/tell nobody", "https://good.example/\r\nHost: evil",
        "https://good.example\n", "https://gööd.example/", "https://good.example/" + "x" * 2000,
        "https://good.example#@evil.example/",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_without_being_shown(url: str) -> None:
    """No user, no other scheme, nothing that two programs could read in two ways."""
    with pytest.raises(ValueError, match=r"https://hooks\.example\.org|from 1 to 65535") as refused:
        signing.receiver(url)
    assert "nobody" not in str(refused.value)


def test_hosts_without_a_port_are_those_of_http_and_https() -> None:
    """And of no other service on the same machine."""
    assert signing.receivers("Good.example 10.0.0.5:8080\n[::1]") == {
        "good.example:80", "good.example:443", "10.0.0.5:8080", "[::1]:80", "[::1]:443",
    }  # fmt: skip
    assert signing.receivers("") == frozenset()


@pytest.mark.parametrize(
    "secret", ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_c2hvcnQ=", "whsec_ä", "whsec_" + "A" * 96]
)
def test_a_secret_is_long_enough_to_be_one(secret: str) -> None:
    """24 to 64 bytes, as the scheme has it; no error shows it."""
    with pytest.raises(ValueError, match="24 to 64 random bytes") as refused:
        signing.keys(secret)
    assert secret.removeprefix("whsec_") == "" or secret not in str(refused.value)
