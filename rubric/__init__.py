"""Judge a conversation in customer service against a rubric, with the words that prove every point.

rubric.load(path)             read a rubric file (the default one without a path)
rubric.score(transcript, r)   a scorecard
rubric.scorecard_json(card)   its bytes, the same for the same transcript, rubric and scorer
rubric.scorer_version()       what else can change a score
rubric.swap_suspected(t)      the words that show that the channels are the wrong way round
"""

from rubric.acts import find as find_acts
from rubric.errors import RubricProblem
from rubric.file import Rubric, load
from rubric.scoring import score, scorecard_json, scorer_version
from rubric.swap import swap_suspected
from rubric.thresholds import InterruptionThresholds
from rubric.types import Act, Evidence, Interruption, Interruptions, Measures, Occasion, RubricRef, Score, Scorecard

__all__ = [
    "Act", "Evidence", "Interruption", "InterruptionThresholds", "Interruptions", "Measures", "Occasion", "Rubric",
    "RubricProblem", "RubricRef", "Score", "Scorecard", "find_acts", "load", "score", "scorecard_json",
    "scorer_version", "swap_suspected",
]  # fmt: skip
