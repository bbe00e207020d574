"""WebVTT and SRT in, WebVTT and text out."""

from pathlib import Path

import pytest

from transcription import formats
from transcription.errors import BadTranscript
from transcription.types import Transcript, Turn

VTT = """\
\ufeffWEBVTT - Call 7
Kind: captions

NOTE made by hand --> not a cue

STYLE
::cue { color: lime }

intro
00:00.500 --> 00:03.000 align:start position:10%
<v.loud Agent>Thank you for <i>calling</i>,

00:03.000 --> 00:04.000
how can I help?

00:04.000 --> 01:00:06.250
<v Customer>It&apos;s broken &amp; I tried to</v> <v Agent>I see.</v>
"""

SRT = """\
1
00:00:00,500 --> 00:00:03,000
AGENT 1: Thank you for calling,
how can I help?

2
00:00:04,000 --> 00:00:06,250
- Caller: It's broken.
- Agent 1: The rule is: we repair it.

3
00:00:07,000 --> 00:00:08,000
{\\an8}[Caller]: Please note: I tried.
"""


def _said(transcript: Transcript) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in transcript.turns]


def test_webvtt_with_voices_is_read() -> None:
    """Voice tags name speakers, cues of one speaker join, tags and escapes vanish, settings and notes are skipped."""
    transcript = formats.parse(VTT.encode())
    assert _said(transcript) == [
        ("agent", "Thank you for calling, how can I help?"),
        ("customer", "It's broken & I tried to"),
        ("agent", "I see."),
    ]
    assert (transcript.turns[0].start_s, transcript.turns[0].end_s) == (0.5, 4.0)
    assert transcript.duration_s == 3606.25


def test_srt_with_labels_is_read() -> None:
    """Names before a colon name speakers, also two in one cue; other colons are text."""
    assert _said(formats.parse(SRT.replace("\n", "\r\n").encode())) == [
        ("agent", "Thank you for calling, how can I help?"),
        ("customer", "It's broken."),
        ("agent", "The rule is: we repair it."),
        ("customer", "Please note: I tried."),
    ]


def test_cue_times_are_not_speech() -> None:
    """When a cue is shown says nothing of who spoke over whom."""
    transcript = formats.parse(VTT.encode())
    assert transcript.times_from == "cues"
    assert transcript.speech_of("agent") == ()
    assert transcript.speakers_from == "labelled"


@pytest.mark.parametrize("form", ["<v {}>{}", "{}: {}"])
def test_names_can_be_given_their_side(form: str) -> None:
    """People's own names are refused with what to do, and understood when somebody says whose they are."""
    lines = [("Sarah", "Hello."), ("Mr. Q", "It broke."), ("Sarah", "Oh."), ("Mr. Q", "Yes.")]
    cues = [f"00:0{at}.000 --> 00:0{at}.900\n{form.format(*line)}" for at, line in enumerate(lines)]
    data = "\n\n".join(["WEBVTT", *cues]).encode()
    with pytest.raises(BadTranscript, match=r"line 4: it is not known whether 'Sarah' .* Agent and Customer"):
        formats.parse(data)
    transcript = formats.parse(data, speakers={"sarah": "agent", "Mr. Q": "customer"})
    assert _said(transcript) == [("agent", "Hello."), ("customer", "It broke."), ("agent", "Oh."), ("customer", "Yes.")]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nHello", "line 4: nothing says who speaks"),
        ("WEBVTT\n\n00:03.000 --> 00:02.000\n<v Agent>Hello", "line 3: the cue ends before it begins"),
        ("WEBVTT\n\n00:61.00 --> 00:02.000\n<v Agent>Hello", "line 3: '00:61.00 --> 00:02.000' is not the times"),
        ("WEBVTT\n\n", "holds no cue with text"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n<v Agent>\n", "holds no cue with text"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(data: str, said: str) -> None:
    """The file's name, the line, the cause."""
    with pytest.raises(BadTranscript, match=f"^call.vtt.*{said}"):
        formats.parse(data.encode(), name="call.vtt")


def test_webvtt_that_is_written_is_read_back(tmp_path: Path) -> None:
    """Speakers, words with reserved characters, and times of more than an hour survive."""
    turns = (
        Turn(0, "agent", 0.0, 0.0, "a <b> & c --> d"),
        Turn(1, "customer", 3600.0004, 3661.9996, "Yes: no."),
        Turn(2, "agent", 3662.0, 3663.5, "Agent: me"),
    )
    path = tmp_path / "call.vtt"
    path.write_text(formats.to_vtt(Transcript(turns=turns)), encoding="utf-8")
    assert "01:00:00.000 --> 01:01:02.000\n<v Customer>Yes: no." in path.read_text(encoding="utf-8")
    again = formats.read(path)
    assert _said(again) == _said(Transcript(turns=turns))
    assert again.turns[0].end_s == 0.001


def test_a_transcript_without_times_is_no_subtitle() -> None:
    """A chat cannot be shown as cues; the message says what can be had."""
    with pytest.raises(BadTranscript, match=r"turn 0 has no times.*json or text"):
        formats.to_vtt(Transcript(turns=(Turn(0, "agent", None, None, "a"),)))


def test_text_is_one_line_a_turn() -> None:
    """The time where there is one, then who, then what."""
    turns = (
        Turn(0, "agent", 5.9, 6.0, "a"),
        Turn(1, "customer", 3725.0, 3726.0, "b"),
        Turn(2, "unknown", None, None, "c"),
        Turn(3, "agent", None, None, "d", sent_at="2026-03-01T14:05:00Z"),
    )
    expected = "00:05 Agent: a\n1:02:05 Customer: b\nUnknown: c\n2026-03-01T14:05:00Z Agent: d\n"
    assert formats.to_text(Transcript(turns=turns)) == expected
