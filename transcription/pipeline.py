"""From a recording to a transcript: the way that every call takes, whoever asks for it.

decode ─► speech of each channel ─► windows of speech ─► words ─► turns
audio      speech                    packing, whisper     packing   turns
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest
from pathlib import Path

from transcription import doubts, packing, speech, turns, whisper
from transcription.audio import Audio, decode
from transcription.channels import Side
from transcription.origin import Settings, engine
from transcription.sound import Samples
from transcription.types import Interval, Speaker, Transcript, Word

Progress = Callable[[float], None]
Done = Callable[[int], None]


def transcribe(
    path: Path,
    recogniser: whisper.Recogniser,
    *,
    settings: Settings | None = None,
    agent_channel: Side = "left",
    progress: Progress | None = None,
) -> Transcript:
    """The transcript of the recording at `path`.

    Two channels are agent and customer, the agent on `agent_channel`; one channel (or two that hold one signal) is one
    unknown speaker. `progress` is called with the share done, 0 to 1. Raises BadRecording.
    """
    settings = settings or Settings()
    audio = decode(path, max_duration_s=settings.max_duration_s)
    channels = dict(zip(_speakers(audio, agent_channel), audio.channels, strict=True))
    listened = _listen(channels)
    heard = {who: speech.of_channel(channel) for who, channel in listened.items()}
    windows = [window for who, channel in listened.items() for window in _windows(who, channel, heard[who])]
    spoken = _language(recogniser, windows, settings)

    def recognise(of: Sequence[tuple[Speaker, packing.Window]], done: Done | None = None) -> list[list[Word]]:
        written = recogniser.recognise(
            [window.audio for _, window in of],
            language=spoken.code if spoken else "en",
            beam_size=settings.beam_size,
            batch_size=settings.batch_size,
            done=done,
        )
        return [packing.unpack(window, own) for (_, window), own in zip(of, written, strict=True)]

    placed = recognise(windows, progress and (lambda count: progress((count + 1) / len(windows))))
    # The recogniser sometimes stops before the end of a window: what it left out is heard once more, by itself.
    left_out = [
        again
        for (who, window), own in zip(windows, placed, strict=True)
        for again in _windows(who, listened[who], packing.without_words(window, own))
    ]
    words: dict[Speaker, list[Word]] = {who: [] for who in channels}
    for (who, _), own in zip([*windows, *left_out], placed + recognise(left_out), strict=True):
        words[who] += own
    for own in words.values():
        own.sort(key=lambda word: word.start_s)
    return Transcript(
        turns=turns.cut(heard, words, turn_gap_s=settings.turn_gap_s),
        duration_s=round(audio.duration_s, 3),
        language=spoken.code if spoken else None,
        language_probability=spoken.probability if spoken else None,
        speakers_from="channels" if len(channels) == 2 else None,
        times_from="speech",
        speech=heard,
        engine=engine(recogniser.name, recogniser.sha256, settings),
        doubts=doubts.of_recording(audio, listened, heard),
    )


def _speakers(audio: Audio, agent_channel: Side) -> tuple[Speaker, ...]:
    if len(audio.channels) == 1:
        return ("unknown",)
    return ("agent", "customer") if agent_channel == "left" else ("customer", "agent")


def _windows(
    who: Speaker, channel: speech.Channel, intervals: Sequence[Interval]
) -> list[tuple[Speaker, packing.Window]]:
    packed = packing.pack(channel.audio, intervals, channel.probability, window_s=whisper.WINDOW_S)
    return [(who, window) for window in packed]


def _language(
    recogniser: whisper.Recogniser, windows: Sequence[tuple[Speaker, packing.Window]], settings: Settings
) -> whisper.Language | None:
    """The language that was set, else the one that is heard, on each channel in turn; None where nothing was said."""
    if not windows:
        return None
    if settings.language:
        return whisper.Language(settings.language, None)
    channels = [[window.audio for who, window in windows if who == one] for one in dict(windows)]
    return recogniser.detect_language([audio for each in zip_longest(*channels) for audio in each if audio is not None])


def _listen(channels: dict[Speaker, Samples]) -> dict[Speaker, speech.Channel]:
    """Each speaker's channel, heard beside the other one; the channels side by side on the machine's cores."""
    with ThreadPoolExecutor(len(channels)) as side_by_side:
        sure = side_by_side.map(whisper.speech_probability, channels.values())
        probability = dict(zip(channels, sure, strict=True))

        def heard(who: Speaker) -> speech.Channel:
            beside = [(channels[other], probability[other]) for other in channels if other != who]
            return speech.listen(channels[who], probability[who], *(beside[0] if beside else ()))

        return dict(zip(channels, side_by_side.map(heard, channels), strict=True))
