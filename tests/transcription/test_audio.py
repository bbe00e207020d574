"""Every coding that telephones and archives use comes out as the same two channels; what is no recording says so."""

from __future__ import annotations

import struct
import tracemalloc
from pathlib import Path

import av
import numpy as np
import pytest

from tests.transcription.conftest import DATA, Encode, Sound
from transcription.audio import Audio, dead, decode
from transcription.errors import BadRecording
from transcription.sound import RATE

HOUR_S = 3600.0
# A whole header of a two-channel wav of 16 bits at 8 kHz, and no sample behind it.
HEADER_ALONE = b"RIFF" + struct.pack("<I4s4sIHHIIHH4sI", 36, b"WAVE", b"fmt ", 16, 1, 2, 8000, 32000, 4, 16, b"data", 0)


@pytest.fixture(scope="module")
def two_people() -> Audio:
    return decode(DATA / "two-people-5s.wav", max_duration_s=HOUR_S)


def likeness(one: Sound, other: Sound) -> float:
    """The highest correlation of two sounds over shifts of up to 0.1 s (codecs delay)."""
    size = 1 << (len(one) + len(other)).bit_length()
    lags = np.fft.irfft(np.fft.rfft(one, size) * np.conj(np.fft.rfft(other, size)), size)
    near = np.concatenate((lags[: RATE // 10], lags[-RATE // 10 :]))
    return float(np.max(near) / np.sqrt(np.dot(one, one) * np.dot(other, other)))


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [
        ("a.wav", "pcm_s16le", 8000),
        ("a.wav", "pcm_s16le", 16000),
        ("a.wav", "pcm_s16le", 44100),
        ("a.wav", "pcm_s24le", 48000),
        ("a.wav", "pcm_f32le", 16000),
        ("a.wav", "pcm_mulaw", 8000),
        ("a.wav", "pcm_alaw", 8000),
        ("a.mp3", "libmp3lame", 16000),
        ("a.flac", "flac", 8000),
        ("a.ogg", "libopus", 48000),
        ("a.opus", "libopus", 48000),
        ("a.m4a", "aac", 16000),
    ],
)
def test_every_coding_gives_the_two_channels(
    two_people: Audio, encode: Encode, name: str, codec: str, rate: int
) -> None:
    """Left stays left, right stays right, and the length is kept, but for the frame that AAC puts before."""
    heard = decode(encode(name, two_people.channels, codec=codec, rate=rate), max_duration_s=HOUR_S)
    assert len(heard.channels) == 2
    assert not heard.one_signal
    assert heard.missing_s == 0.0
    assert heard.duration_s == pytest.approx(two_people.duration_s, abs=0.15)
    for one, other in zip(heard.channels, two_people.channels, strict=True):
        assert one.dtype == np.float32
        assert likeness(one, other) > 0.7  # 8 kHz keeps less than half of the band
    assert likeness(heard.channels[0], two_people.channels[1]) < 0.3


def test_mono_is_one_channel(two_people: Audio, encode: Encode) -> None:
    heard = decode(encode("a.wav", two_people.channels[:1]), max_duration_s=HOUR_S)
    assert len(heard.channels) == 1
    assert not heard.one_signal


@pytest.mark.parametrize("gain", [1.0, 0.3])
def test_stereo_that_is_one_signal_twice_is_mono(two_people: Audio, encode: Encode, gain: float) -> None:
    """At whatever level the second channel is."""
    left = two_people.channels[0]
    heard = decode(encode("a.wav", [left, left * gain]), max_duration_s=HOUR_S)
    assert heard.one_signal
    assert len(heard.channels) == 1


def test_a_leak_does_not_make_two_channels_one(two_people: Audio, encode: Encode) -> None:
    left, right = two_people.channels
    heard = decode(encode("a.wav", [left + 0.05 * right, right + 0.05 * left]), max_duration_s=HOUR_S)
    assert not heard.one_signal
    assert len(heard.channels) == 2


def test_a_dead_channel_is_known(two_people: Audio, encode: Encode) -> None:
    left = two_people.channels[0]
    heard = decode(encode("a.wav", [left, np.zeros_like(left)]), max_duration_s=HOUR_S)
    assert [dead(channel) for channel in heard.channels] == [False, True]
    assert not heard.one_signal


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"this is a text that somebody has named .wav, and it is long enough to look at", "not a recording"),
        (HEADER_ALONE, "no sound"),
        (
            HEADER_ALONE.replace(struct.pack("<IHH", 16, 1, 2), struct.pack("<IHH", 16, 0x5FFF, 2)) + bytes(64),
            "no codec",
        ),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 64, "not a recording"),
    ],
)
def test_what_is_no_recording_says_so_in_one_line(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "call.wav"
    path.write_bytes(content)
    with pytest.raises(BadRecording, match=says) as caught:
        decode(path, max_duration_s=HOUR_S)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadRecording, match="no such file"):
        decode(tmp_path / "gone.wav", max_duration_s=HOUR_S)


def test_more_than_two_channels_are_refused(two_people: Audio, encode: Encode) -> None:
    left, right = two_people.channels
    with pytest.raises(BadRecording, match="3 channels"):
        decode(encode("a.wav", [left, right, left]), max_duration_s=HOUR_S)


def test_too_long_a_recording_is_refused(two_people: Audio, encode: Encode) -> None:
    """By what the container declares, before anything is decoded."""
    with pytest.raises(BadRecording, match="max_duration_s"):
        decode(encode("a.wav", two_people.channels), max_duration_s=2.0)


def test_a_file_that_ends_too_soon_says_how_much_is_missing(two_people: Audio, encode: Encode) -> None:
    """A wav whose header declares more than the file holds, as an interrupted copy leaves it."""
    whole = encode("a.flac", two_people.channels, codec="flac").read_bytes()
    cut = encode("b.flac", two_people.channels, codec="flac")
    cut.write_bytes(whole[: len(whole) // 3])
    heard = decode(cut, max_duration_s=HOUR_S)
    assert heard.missing_s > 1.0
    assert heard.duration_s + heard.missing_s == pytest.approx(two_people.duration_s, abs=0.3)


def test_damage_in_the_middle_of_an_mp3_does_not_shift_what_follows(two_people: Audio, encode: Encode) -> None:
    """Frames that cannot be decoded become silence of their own length."""
    path = encode("a.mp3", two_people.channels, codec="libmp3lame")
    clean = decode(path, max_duration_s=HOUR_S)
    broken = bytearray(path.read_bytes())
    middle = len(broken) // 2
    broken[middle : middle + 700] = bytes(700)
    path.write_bytes(bytes(broken))
    heard = decode(path, max_duration_s=HOUR_S)
    assert heard.duration_s + heard.missing_s == pytest.approx(clean.duration_s, abs=0.2)
    tail = slice(-RATE, None)
    assert likeness(heard.channels[0][tail], clean.channels[0][tail]) > 0.9


def test_a_damaged_packet_that_declares_hours_takes_no_room_for_them(tmp_path: Path) -> None:
    """A second of AAC whose first packet is rubbish, and is said to be seventeen hours long."""
    path = tmp_path / "a.m4a"
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, RATE), dtype=np.int16), format="s16", layout="mono")
        frame.sample_rate = RATE
        first, *others = [*stream.encode(frame), *stream.encode(None)]
        rubbish = av.Packet(bytes(50))
        rubbish.stream, rubbish.pts, rubbish.dts = stream, first.pts, first.dts
        rubbish.time_base, rubbish.duration = first.time_base, first.duration
        container.mux([rubbish, *others])
    data = bytearray(path.read_bytes())
    first_length = data.index(b"stts") + 16  # the table of lengths: version, count, then pairs of how many and how long
    data[first_length : first_length + 4] = struct.pack(">I", 1_000_000_000)
    path.write_bytes(data)

    tracemalloc.start()
    with pytest.raises(BadRecording, match=r"longer than the 1 hours allowed"):
        decode(path, max_duration_s=HOUR_S)
    assert tracemalloc.get_traced_memory()[1] < 100_000_000
    tracemalloc.stop()
