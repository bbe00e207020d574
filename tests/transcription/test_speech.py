"""Speech is where somebody speaks, and nowhere else."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from tests.transcription.conftest import DATA, DEMO, Sound
from transcription import whisper
from transcription.audio import Audio, decode
from transcription.leaks import leaked
from transcription.sound import FRAME_S, RATE, level_db, widened
from transcription.speech import intervals, listen, of_channel
from transcription.types import Interval
from transcription.whispers import unheard_s

HOUR_S = 3600.0


def heard(audio: Sound, other: Sound | None = None) -> tuple[Interval, ...]:
    probability = whisper.speech_probability(audio)
    beside = () if other is None else (other, whisper.speech_probability(other))
    return of_channel(listen(audio, probability, *beside))


def covered_s(speech: tuple[Interval, ...], start_s: float, end_s: float) -> float:
    return sum(interval.overlap_s(Interval(start_s, end_s)) for interval in speech)


@pytest.fixture(scope="module")
def call() -> Audio:
    return decode(DATA / "call-7-08.wav", max_duration_s=HOUR_S)


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    return dict(json.loads((DATA / "call-7-08.truth.json").read_text()))


def test_starts_and_ends_are_where_the_voice_is(call: Audio, truth: dict[str, Any]) -> None:
    """Every turn of the truth begins and ends within 0.1 s of where speech is heard to."""
    for side, audio, other in zip(("left", "right"), call.channels, call.channels[::-1], strict=True):
        speech = heard(audio, other)
        for turn in (turn for turn in truth["turns"] if turn["speaker"] == truth["channels"][side]):
            mine = [interval for interval in speech if interval.overlap_s(Interval(turn["start_s"], turn["end_s"]))]
            assert mine[0].start_s == pytest.approx(turn["start_s"], abs=0.1)
            assert mine[-1].end_s == pytest.approx(turn["end_s"], abs=0.1)


@pytest.mark.parametrize("kind", ["silence", "noise", "tone", "clicks"])
def test_what_is_not_a_voice_is_not_speech(kind: str) -> None:
    rng = np.random.default_rng(7)
    seconds = 8
    time_s = np.arange(seconds * RATE) / RATE
    sound = {
        "silence": np.zeros_like(time_s),
        "noise": 0.05 * rng.standard_normal(len(time_s)),
        "tone": 0.3 * np.sin(2 * np.pi * 440 * time_s),
        "clicks": np.where(rng.random(len(time_s)) > 0.9999, 0.8, 0.0),
    }[kind]
    assert heard(sound.astype(np.float32)) == ()


def test_a_channel_in_which_nobody_speaks_has_no_speech(call: Audio) -> None:
    """Beside one in which somebody does."""
    agent = call.channels[0]
    noise = (0.001 * np.random.default_rng(3).standard_normal(len(agent))).astype(np.float32)
    assert heard(noise, agent) == ()
    assert heard(agent, noise) != ()


def test_hold_music_is_not_speech() -> None:
    """In the demo's broadband call the customer is on hold from 27.6 to 39.1 s; neither channel speaks in it."""
    call = decode(DEMO / "broadband.mp3", max_duration_s=HOUR_S)
    for audio, other in (call.channels, call.channels[::-1]):
        assert covered_s(heard(audio, other), 27.7, 39.0) == 0.0


def test_a_leak_of_the_other_channel_is_not_speech() -> None:
    """The agent's channel carries the customer at -36 dB, which the detector hears for half a minute."""
    truth = json.loads((DATA / "leak-w4-07.truth.json").read_text())
    agent, customer = decode(DATA / "leak-w4-07.ogg", max_duration_s=HOUR_S).channels
    alone = covered_s(heard(agent), 10.3, 16.9)
    assert alone > 3.0, "without the other channel to compare, the leak is heard as speech"
    speech = heard(agent, customer)
    silent = [
        interval
        for interval in speech
        if not any(
            interval.overlap_s(Interval(turn["start_s"], turn["end_s"]))
            for turn in truth["turns"]
            if turn["speaker"] == "agent"
        )
    ]
    assert silent == []


@pytest.mark.parametrize(("delay_s", "gain"), [(0.0, 0.1), (0.08, 0.05), (0.2, 0.02)])
def test_a_leak_may_come_late_and_muffled(call: Audio, delay_s: float, gain: float) -> None:
    """An echo from the far end: delayed, filtered, and still nobody's speech."""
    agent, customer = call.channels
    echo = np.convolve(agent, np.array([0.5, 0.3, 0.2], dtype=np.float32))[: len(agent)] * gain
    delay = round(delay_s * RATE)
    leaked = (customer + np.concatenate((np.zeros(delay, np.float32), echo))[: len(customer)]).astype(np.float32)
    clean, found = heard(customer, agent), heard(leaked, agent)
    assert covered_s(found, 1.3, 4.4) == 0.0, "the agent alone speaks here"
    assert sum(i.duration_s for i in found) == pytest.approx(sum(i.duration_s for i in clean), rel=0.1)


def test_speaking_together_is_speech_of_both(call: Audio) -> None:
    """No leak is seen where both speak at full level."""
    agent, customer = call.channels
    assert covered_s(heard(agent, customer), 16.3, 17.0) > 0.6
    assert covered_s(heard(customer, agent), 16.3, 17.0) > 0.6


def test_the_first_syllable_counts_though_the_detector_is_late() -> None:
    """A beginning is taken back over sound as loud as the speech it leads into, not over a breath or over silence."""
    probability = np.zeros(60)
    probability[20:50] = 0.9
    quiet, breath, loud = np.full(60, -70.0), np.full(60, -70.0), np.full(60, -70.0)
    for levels in (quiet, breath, loud):
        levels[20:50] = -20.0
    breath[12:20] = -47.0
    loud[12:20] = -25.0
    starts_s = [intervals(probability, levels)[0].start_s for levels in (quiet, breath, loud)]
    assert starts_s == pytest.approx([20 * 0.032, 20 * 0.032, 12 * 0.032])


def test_a_whisper_is_seen_though_not_heard() -> None:
    """The detector hears 5 s of the whispering agent; some 40 s of sound more are like talk. In the customer: none."""
    call = decode(DATA / "whispered-agent.mp3", max_duration_s=HOUR_S)
    agent, customer = (listen(audio, whisper.speech_probability(audio)) for audio in call.channels)
    assert unheard_s(agent) > 30.0
    assert unheard_s(customer) == 0.0


@pytest.mark.parametrize("frames", [1, 3, 40])
def test_a_mask_is_widened_within_its_own_length(frames: int) -> None:
    """Shorter than what it is widened by, too."""
    mask = np.zeros(frames, dtype=np.bool_)
    mask[0] = True
    assert widened(mask, 3 * FRAME_S).tolist() == [index <= 3 for index in range(frames)]


def test_a_moment_of_two_people_can_be_listened_to() -> None:
    """A leak is looked for in a recording of a quarter of a second as well."""
    heard = decode(DATA / "two-people-5s.wav", max_duration_s=60)
    right = heard.channels[1][: RATE // 4]
    frames = len(level_db(right))
    assert len(leaked(0.05 * right, right, np.ones(frames, dtype=np.bool_))) == frames


def test_levels_are_in_db_of_full_scale() -> None:
    assert level_db(np.ones(512, np.float32)) == pytest.approx([0.0], abs=0.01)
    assert level_db(np.zeros(512, np.float32)) == pytest.approx([-100.0])
