"""The recording of a call, whole and by byte ranges."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from qa.http.recordings import media_type

if TYPE_CHECKING:
    from tests.http.conftest import Server


@pytest.fixture(scope="module")
def address(server: Server, clips: list[Path]) -> str:
    return f"{server.upload(clips[3]).headers['Location']}/recording"


@pytest.fixture(scope="module")
def sound(clips: list[Path]) -> bytes:
    return clips[3].read_bytes()


def test_the_whole_recording_is_what_was_sent(server: Server, address: str, sound: bytes) -> None:
    """The same bytes, as sound, with a length, and a mark that ranges can be asked for."""
    answer = server.client.get(address)
    assert answer.status_code == 200
    assert answer.content == sound
    assert answer.headers["Content-Type"] == "audio/wav"
    assert answer.headers["Content-Length"] == str(len(sound))
    assert answer.headers["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=100-199", 100, 200),
        ("bytes=100000-", 100_000, None),
        ("bytes=-44", -44, None),
        ("bytes=100-99999999", 100, None),
        ("bytes=-99999999", 0, None),
    ],
)
def test_a_range_is_given(server: Server, address: str, sound: bytes, asked: str, start: int, stop: int | None) -> None:
    """206 with just those bytes, and where they lie."""
    answer = server.client.get(address, headers={"Range": asked})
    expected = sound[start:stop]
    first = start if start >= 0 else len(sound) + start
    assert answer.status_code == 206
    assert answer.content == expected
    assert answer.headers["Content-Range"] == f"bytes {first}-{first + len(expected) - 1}/{len(sound)}"


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0"])
def test_a_range_outside_is_refused(server: Server, address: str, sound: bytes, asked: str) -> None:
    """416, and how long the recording is."""
    answer = server.client.get(address, headers={"Range": asked})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(sound)}"
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "asked",
    ["bytes=0-1,5-6", "bytes=5-2", "bytes=-", "seconds=1-2", f"bytes={'9' * 5000}-", f"bytes=0-{'9' * 5000}"],
    ids=lambda asked: asked[:20],
)
def test_a_range_that_is_not_understood_gives_the_whole(server: Server, address: str, sound: bytes, asked: str) -> None:
    """As the standard allows, and for a range that runs backwards demands."""
    answer = server.client.get(address, headers={"Range": asked})
    assert answer.status_code == 200
    assert answer.content == sound


def test_a_range_of_another_version_gives_the_whole(server: Server, address: str, sound: bytes) -> None:
    """If-Range with another tag: the client's part is of something else."""
    etag = server.client.head(address).headers["ETag"]
    same = server.client.get(address, headers={"Range": "bytes=1-2", "If-Range": etag})
    other = server.client.get(address, headers={"Range": "bytes=1-2", "If-Range": '"other"'})
    assert (same.status_code, same.content) == (206, sound[1:3])
    assert (other.status_code, other.content) == (200, sound)


def test_head_says_what_get_would_send(server: Server, address: str, sound: bytes) -> None:
    """The headers of the whole, and no body, on a connection that goes on."""
    url = server.client.base_url
    with socket.create_connection((url.host, url.port or 0), timeout=10) as connection:
        request = f"HEAD {address} HTTP/1.1\r\nHost: x\r\n"
        connection.sendall(f"{request}\r\n{request}Connection: close\r\n\r\n".encode())
        with connection.makefile("rb") as answers:
            said = answers.read().decode()
    assert said.count("HTTP/1.1 200 OK") == 2
    assert said.lower().count(f"content-length: {len(sound)}\r\n") == 2


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"RIFF\x00\x00\x00\x00WAVE", "audio/wav"),
        (b"fLaC\x00\x00\x00\x22", "audio/flac"),
        (b"OggS\x00\x02", "audio/ogg"),
        (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xfb\x90\x00", "audio/mpeg"),
        (b"\x00\x00\x00\x20ftypM4A ", "audio/mp4"),
        (b"\x1a\x45\xdf\xa3", "audio/webm"),
        (b"<html>", "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)
def test_the_type_comes_from_the_bytes(tmp_path: Path, head: bytes, kind: str) -> None:
    """Whatever a file was called, what is not sound is never sent as something that a browser runs."""
    path = tmp_path / "recording"
    path.write_bytes(head)
    assert media_type(path) == kind
