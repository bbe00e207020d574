"""Waiting for what a test wants, rather than for a while."""

from __future__ import annotations

from benchmarks.serving import until

__all__ = ["until"]
