"""The numbers that decide what is an interruption; a rubric's `[interruptions]` table holds them."""

from rubric.tables import Count, Seconds, Table


class InterruptionThresholds(Table, frozen=True):
    """Seconds and words that tell an interruption from a backchannel, a completion or a close handover.

    min_overlap_s            shortest overlap that counts
    yield_s                  the one cut off gives way if they stop within this of the other's start
    end_overlap_s            under this overlap, a speaker who finishes the sentence was not cut off
    hold_s                   the one who cuts in holds the floor at least this long after the other stops
    severe_s                 from this overlap on an interruption is severe
    backchannel_max_words    an acknowledgement of at most so many words is a backchannel
    backchannel_max_s        speech shorter than this is a backchannel
    heard_s                  one must have been speaking this long to be cut off: who begin together cut off nobody
    breath_s                 a gap shorter than this in somebody's speech is a breath or a consonant, no silence
    completion_max_words     a completion of the other's sentence has at most so many words
    venting_s                a customer turn this long that shows negative emotion is venting
    """

    min_overlap_s: Seconds = 0.5
    yield_s: Seconds = 1.5
    end_overlap_s: Seconds = 1.0
    hold_s: Seconds = 1.0
    severe_s: Seconds = 1.0
    backchannel_max_words: Count = 3
    backchannel_max_s: Seconds = 0.7
    heard_s: Seconds = 0.3
    breath_s: Seconds = 0.4
    completion_max_words: Count = 8
    venting_s: Seconds = 8.0

    def in_words(self) -> str:
        """What is an interruption, with the numbers put in."""
        return (
            f"An interruption is an overlap of {self.min_overlap_s:g} s or more in which whoever spoke first stops "
            f"unfinished within {self.yield_s:g} s, or the other talks on for {self.hold_s:g} s after them; from "
            f"{self.severe_s:g} s of overlap on it is severe. An acknowledgement of up to "
            f"{self.backchannel_max_words} words, or speech of under {self.backchannel_max_s:g} s, is none. A customer "
            f"who shows negative emotion in a turn of {self.venting_s:g} s or more vents."
        )
