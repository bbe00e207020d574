"""The speech model and the rubric: that they are there, are what they should be, and work."""

from __future__ import annotations

import resource
import time

import qa.demo
import rubric
from qa.doctor.finding import Subject, Verdict, amount, ok, warning, wrong
from qa.errors import WorkerLost
from qa.jobs.workers import Workers, explained
from qa.work import Work, transcribe
from rubric import RubricProblem
from transcription import Recogniser, models
from transcription.errors import ModelProblem

RECORDING = qa.demo.FOLDER / "calls" / "carers-payment.ogg"


def model(subject: Subject) -> Verdict:
    """The model is on this machine, its bytes are what they should be, and it can be loaded."""
    try:
        found = models.locate(subject.settings.model, fetch=False)
        began_s = time.monotonic()
        Recogniser.load(found.dir, name=found.name, sha256=found.sha256)
    except ModelProblem as problem:
        return wrong(str(problem), "get it as it says; `qa models` lists what is here")
    took_s = time.monotonic() - began_s
    return ok(f"{found.name}, {amount(found.size_bytes)}, SHA-256 {found.sha256[:12]}…, loads in {took_s:.1f} s")


def speech(subject: Subject) -> Verdict:
    """A recording of the demo, transcribed as the server does it: by a worker within its limits."""
    found = models.locate(subject.settings.model, fetch=False)
    work = Work(
        path=str(RECORDING),
        model=found.name,
        model_dir=str(found.dir),
        model_sha256=found.sha256,
        max_duration_s=subject.settings.max_duration_s,
        agent_channel="left",
    )
    workers = Workers(1, memory_bytes=subject.settings.worker_memory_bytes)
    began_s = time.monotonic()
    try:
        with explained(workers.memory_bytes):
            transcript = workers.of(0).submit(transcribe, work).result()
    except WorkerLost as lost:
        return wrong(str(lost), "set what it names, and see the checks of memory and limits")
    finally:
        workers.close()
    took_s = time.monotonic() - began_s
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    length_s = transcript.duration_s or 0.0
    words = sum(len(turn.text.split()) for turn in transcript.turns)
    told = f"{length_s:.0f} s of talk in {took_s:.1f} s, a factor of {took_s / length_s:.2f}; {amount(peak)} at most"
    if not words:
        return wrong(f"{told}, and not a word heard", "get the model anew: `qa models`")
    if took_s > length_s:
        return warning(told, "take a smaller model or a quicker machine: one worker falls behind one line of talk")
    return ok(f"{told}; {words} words")


def the_rubric(subject: Subject) -> Verdict:
    """The rubric can be read."""
    try:
        found = rubric.load(subject.rubric)
    except RubricProblem as problem:
        return wrong(str(problem), "mend the file, or leave --rubric out; `qa rubric check FILE` says more")
    return ok(f"{found.id} {found.version}, {len(found.criteria)} criteria")
