"""Similarity of fix descriptions."""

from __future__ import annotations

import time

import numpy as np
import pytest

from graph.algorithms.fix_texts import FixText, alike, alike_by_chance, is_difference, words

DIFF = """--- a/pricing.py
+++ b/pricing.py
@@ -10,3 +10,3 @@ def tariff_of(room):
 unchanged context about elephants
-    return TABLE[room]
+    return TABLE.get(room, DEFAULT)
"""


def test_of_a_difference_only_changed_lines_count_with_their_sign() -> None:
    assert is_difference(DIFF)
    assert list(words(DIFF)) == ["-return", "-table", "-room", "+return", "+table", "+get", "+room", "+default"]
    assert not is_difference("- stop the service\n- clear the cache\n+ start it")
    assert list(words("Stop the SERVICE, then: clear_cache()")) == ["stop", "the", "service", "then", "clear_cache"]


def test_like_words_are_found_and_unlike_ones_are_not() -> None:
    fixes = [
        FixText("Give the default tariff when this room is missing from the table"),
        FixText("When a room is missing from the tariff table, give the default"),
        FixText("Raise the memory limit of the nightly import to 8 GiB"),
        FixText("Renew the certificate of the mail gateway"),
    ]
    found = alike(fixes, 0.5, 10)
    assert list(zip(found.first.tolist(), found.second.tolist(), strict=True)) == [(0, 1)]
    assert 0.8 < found.score[0] < 1


def test_the_change_to_the_code_speaks_as_loud_as_the_description() -> None:
    same_change = [FixText("Guard the look-up of tariffs", DIFF), FixText("Never fail on unknown suites", DIFF)]
    other_change = [
        same_change[0],
        FixText("Guard the look-up of tariffs", DIFF.replace("TABLE", "cache").replace("room", "key")),
    ]
    assert alike(same_change, 0.4, 5).score == pytest.approx([0.5])
    assert 0.5 < alike(other_change, 0.4, 5).score[0] < 0.9
    assert alike([same_change[0], FixText("Guard the look-up of tariffs")], 0.4, 5).score == pytest.approx([1.0])


def test_short_texts_and_common_words_are_no_evidence() -> None:
    assert len(alike([FixText("Restart it"), FixText("Restart it")], 0.1, 5)) == 0
    everywhere = [FixText(f"Please restart the service number{n} zone{n} rack{n}") for n in range(300)]
    assert len(alike(everywhere, 0.3, 5)) == 0


def test_one_rare_word_among_common_ones_is_too_little_evidence() -> None:
    fixes = [FixText(f"restart the service and check rare{number // 2}") for number in range(600)]
    assert len(alike(fixes, 0.5, 10)) == 0
    fixes = [FixText(f"restart the service and check rare{n // 2} odd{n // 2} seldom{n // 2}") for n in range(600)]
    assert len(alike(fixes, 0.5, 10)) == 300


def test_shuffled_words_are_not_alike() -> None:
    rng = np.random.default_rng(1)
    vocabulary = [f"word{n}" for n in range(400)]
    fixes = [FixText(" ".join(rng.choice(vocabulary, 12)), " ".join(rng.choice(vocabulary, 20))) for _ in range(300)]
    assert len(alike(fixes, 0.5, 10)) == 0
    assert len(alike_by_chance(fixes, 0.5, 10)) == 0
    twins = fixes + fixes[:20]
    assert len(alike(twins, 0.5, 10)) == 20
    assert len(alike_by_chance(twins, 0.5, 10)) == 0


def test_no_texts_are_no_failure() -> None:
    assert len(alike([], 0.5, 5)) == 0
    assert len(alike_by_chance([FixText("", "")], 0.5, 5)) == 0


def test_hostile_texts_take_linear_time() -> None:
    began = time.process_time()
    assert (
        len(alike([FixText("a" * 2_000_000, "\ud800\x00+" * 300_000), FixText("@@ " * 500_000, "+" * 1_000_000)], 0.5, 5)) == 0
    )
    assert time.process_time() - began < 10
