"""The service joins variants of one bug and keeps near-misses apart, in every language."""

from __future__ import annotations

import pytest

from crashgraph.wiring import Container
from tools.variants.judge import judge, store_bugs
from tools.variants.table import LANGUAGES, Language, bugs_of

LEAST_SHARE = 0.95


@pytest.mark.parametrize("language", LANGUAGES, ids=[language.name for language in LANGUAGES])
async def test_variants_join_and_near_misses_stay_apart(container: Container, language: Language) -> None:
    bugs = bugs_of(language, 2)
    patterns = await store_bugs(container.receiver, language, bugs)
    assert len(set(patterns)) == len(bugs)
    score = await judge(container.matcher, language, bugs, patterns)
    assert score.share(same=True) >= LEAST_SHARE, score.misses()
    assert score.share(same=False) >= LEAST_SHARE, score.misses()
