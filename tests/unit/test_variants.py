"""Variants of one bug have its hash, and near-misses have another, in every language."""

from __future__ import annotations

import pytest

from graph.fingerprint.compute import Fingerprint, fingerprint
from graph.parsing.read import read
from tools.variants.table import LANGUAGES, Language, bugs_of, first_crash, trials

USER_DATA = {"other user data", "all at once", "under a wrapper"}
"""Variants with a message that differs in a name, which the hash cannot know to be one; the matcher joins them."""


def fingerprints(text: str) -> list[Fingerprint]:
    return [fingerprint(report) for report in read(text).reports]


@pytest.mark.parametrize("language", LANGUAGES, ids=[language.name for language in LANGUAGES])
def test_variants_share_the_hash_and_near_misses_do_not(language: Language) -> None:
    for number, bug in enumerate(bugs_of(language, 3)):
        (first,) = fingerprints(first_crash(language, bug))
        for trial in trials(language, number, bug):
            others = fingerprints(trial.text)
            if trial.same and trial.kind in USER_DATA:
                assert first.structural in {other.structural for other in others}, trial
            elif trial.same:
                assert first.exact in {other.exact for other in others}, trial
            else:
                assert others, trial
                assert first.structural not in {other.structural for other in others}, trial
