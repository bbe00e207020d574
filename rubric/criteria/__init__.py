"""The criteria: one module each, with the keys of its table in a rubric file and how it judges.

Occasions come first: met, partly and missed are judged only where something called for the practice. What the verdict
rests on is in the evidence, what called for it in the occasions, and the reason is for an agent to read.
"""

from rubric.criteria.apologises import Apologises
from rubric.criteria.asks_to_understand import AsksToUnderstand
from rubric.criteria.closes_well import ClosesWell
from rubric.criteria.extra_mile import ExtraMile
from rubric.criteria.first_contact import FirstContact
from rubric.criteria.listens import Listens
from rubric.criteria.notices_struggle import NoticesStruggle
from rubric.criteria.offers_alternatives import OffersAlternatives
from rubric.criteria.owns import Owns
from rubric.criteria.paraphrases import Paraphrases
from rubric.criteria.personalises import Personalises
from rubric.criteria.phrases import Phrases
from rubric.criteria.positive_wording import PositiveWording
from rubric.criteria.respects import Respects
from rubric.criteria.response_time import ResponseTime
from rubric.criteria.validates import Validates

Check = (
    Listens
    | Validates
    | Paraphrases
    | AsksToUnderstand
    | OffersAlternatives
    | Owns
    | Apologises
    | Personalises
    | PositiveWording
    | ExtraMile
    | ClosesWell
    | Respects
    | NoticesStruggle
    | ResponseTime
    | FirstContact
    | Phrases
)
"""Every kind of check that a rubric may name; each has `judge(case)`, and says in words what it asks: `in_words()`."""
