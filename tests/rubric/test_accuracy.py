"""The published agreement with readers."""

from __future__ import annotations

import rubric
from rubric import accuracy


def test_the_published_figures_are_of_this_scorer() -> None:
    """Where this fails, the scorer has changed since it was measured: `make accuracy LABELLED=folder` measures anew."""
    assert accuracy.measured().scorer == rubric.scorer_version()


def test_each_figure_says_what_it_was_measured_on() -> None:
    """A source has a name of its own in words, readers, conversations and figures with their n."""
    sources = accuracy.measured().sources

    assert len({source.name for source in sources}) == len(sources) > 5
    for source in sources:
        assert source.readers
        assert source.conversations > 0
        assert source.interval_of in {"kappa", "f1"}
        assert all(one.n > 0 for one in (*source.acts.values(), *source.criteria.values()))
        assert source.acts.keys() >= source.rules.keys()
