"""What a route is given by its parameters' names, and the request itself: `qa.http.app` says what the names mean."""

from typing import Any

from litestar import Request
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from qa.jobs.dispatcher import Dispatcher
from qa.scoring import Scoring
from qa.store import Store
from qa.upkeep.erasing import Eraser

AnyRequest = Request[Any, Any, Any]

TheStore = NamedDependency[SkipValidation[Store]]
TheScoring = NamedDependency[SkipValidation[Scoring]]
TheDispatcher = NamedDependency[SkipValidation[Dispatcher]]
TheEraser = NamedDependency[SkipValidation[Eraser]]
