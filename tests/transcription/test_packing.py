"""Speech is packed into few windows, and words come back to where they were said."""

from __future__ import annotations

import numpy as np
import pytest

from transcription import packing
from transcription.sound import FRAME_S, RATE
from transcription.types import Interval, Word

MINUTE = np.zeros(60 * RATE, dtype=np.float32)
SURE = np.ones(round(60 / FRAME_S) + 1)


def test_short_stretches_share_a_window() -> None:
    """Ten seconds of speech in a minute take one window of little more than that."""
    speech = [Interval(float(at), at + 2.0) for at in range(0, 50, 10)]
    (window,) = packing.pack(MINUTE, speech, SURE, window_s=30.0)
    assert len(window.pieces) == 5
    assert len(window.audio) / RATE == pytest.approx(10 + 5 * (2 * packing.PAD_S + packing.BREATH_S), abs=0.3)


def test_no_window_is_longer_than_allowed_and_nothing_is_lost() -> None:
    speech = [Interval(at * 3.0, at * 3.0 + 2.3) for at in range(20)]
    windows = packing.pack(MINUTE, speech, SURE, window_s=30.0)
    assert all(len(window.audio) <= 30.0 * RATE for window in windows)
    assert [piece for window in windows for part in window.pieces for piece in part.speech] == speech
    assert len(windows) == 2


def test_a_long_stretch_is_cut_where_the_voice_is_weakest() -> None:
    probability = SURE.copy()
    probability[round(22.4 / FRAME_S)] = 0.2
    windows = packing.pack(MINUTE, [Interval(0.0, 40.0)], probability, window_s=30.0)
    assert all(len(window.audio) <= 30.0 * RATE for window in windows)
    assert windows[0].pieces[0].speech[0].end_s == pytest.approx(22.4)
    assert windows[1].pieces[0].speech == (Interval(windows[0].pieces[0].speech[0].end_s, 40.0),)


def test_words_return_to_their_own_stretch_and_stay_in_it() -> None:
    """Whatever times the recogniser gives: a word before, between or after stretches moves into the nearest."""
    speech = [Interval(10.0, 12.0), Interval(40.0, 41.0)]
    (window,) = packing.pack(MINUTE, speech, SURE, window_s=30.0)
    second_s = window.pieces[1].start_s + packing.PAD_S
    said = [
        Word("before", 0.0, 0.1),
        Word("inside", packing.PAD_S + 0.5, packing.PAD_S + 0.9),
        Word("stretched", packing.PAD_S + 1.8, second_s - 0.3),
        Word("next", second_s - 0.1, second_s + 0.4),
        Word("after", second_s + 1.1, second_s + 1.3),
    ]
    placed = packing.unpack(window, said)
    assert [word.text for word in placed] == [word.text for word in said]
    assert [word.start_s for word in placed] == sorted(word.start_s for word in placed)
    homes = [next(i for i in speech if i.start_s <= w.start_s and w.end_s <= i.end_s + 1e-6) for w in placed]
    assert homes == [speech[0], speech[0], speech[0], speech[1], speech[1]]
    assert placed[1].start_s == pytest.approx(10.5)


def test_no_speech_is_no_window() -> None:
    assert packing.pack(MINUTE, [], SURE, window_s=30.0) == []


def test_what_the_recogniser_left_out_is_known_and_an_um_is_let_go() -> None:
    speech = [Interval(1.0, 3.0), Interval(10.0, 12.0), Interval(20.0, 20.4)]
    (window,) = packing.pack(MINUTE, speech, SURE, window_s=30.0)
    placed = packing.unpack(window, [Word("hello", packing.PAD_S + 0.5, packing.PAD_S + 0.9)])
    assert packing.without_words(window, placed) == [Interval(10.0, 12.0)]


def test_the_word_that_ends_a_sentence_stays_with_it() -> None:
    """The recogniser puts the last word of a question behind the pause, where the next answer begins."""
    (window,) = packing.pack(MINUTE, [Interval(10.0, 12.0), Interval(40.0, 42.0)], SURE, window_s=30.0)
    second_s = window.pieces[1].start_s + packing.PAD_S
    said = [Word("at", 1.5, 1.7), Word("eight", 1.7, 2.0), Word("then?", second_s, second_s + 0.2)]
    said += [Word("Okay,", second_s + 0.3, second_s + 0.6), Word("wonderful.", second_s + 0.6, second_s + 1.0)]
    assert [word.start_s < 20 for word in packing.unpack(window, said)] == [True, True, True, False, False]


def test_the_word_that_begins_a_sentence_goes_with_what_follows() -> None:
    (window,) = packing.pack(MINUTE, [Interval(10.0, 12.0), Interval(40.0, 42.0)], SURE, window_s=30.0)
    second_s = window.pieces[1].start_s + packing.PAD_S
    said = [Word("fine.", 1.5, 1.8), Word("So", second_s - 0.6, second_s - 0.4), Word("then", second_s, second_s + 0.2)]
    assert [word.start_s < 20 for word in packing.unpack(window, said)] == [True, False, False]
