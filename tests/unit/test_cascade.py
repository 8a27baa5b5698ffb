"""The cascade believes its stages in order, above their thresholds only, and says why."""

from dataclasses import replace

import numpy as np

from graph.ingest.fingerprint import fingerprint
from graph.ingest.lookup import Offers, word_query
from graph.ingest.match import KnownSignature, Neighbours, Question, Thresholds, decide
from graph.ingest.place import place
from graph.model.report import ParsedReport, StackFrame

FRAMES = (StackFrame("load", "shop.orders"), StackFrame("run", "shop.jobs"), StackFrame("main", "shop.cli"))
REPORT = ParsedReport("python", "ValueError", "order 12 has no lines", FRAMES, culprit=FRAMES[0])


def vector(seed: int) -> tuple[float, ...]:
    values = np.random.default_rng(seed).normal(size=384)
    return tuple((values / np.linalg.norm(values)).tolist())


def question(report: ParsedReport = REPORT, seed: int = 1) -> Question:
    return Question(fingerprint(report), vector(seed))


def known(report: ParsedReport = REPORT, pattern: str = "p1", meaning: float = 1.0) -> KnownSignature:
    mine = fingerprint(report)
    frames = tuple(frame.key for frame in mine.frames)
    return KnownSignature(
        mine.exact, mine.structural, mine.error_type, mine.cause, frames, pattern, f"name of {pattern}", meaning
    )


def test_a_known_hash_is_exact() -> None:
    decision = decide(question(), Neighbours(exact=known()), Thresholds())
    assert (decision.strategy, decision.pattern_id) == ("exact", "p1")
    assert decision.confidence > 0.95


def test_the_same_functions_with_nearly_the_same_message_are_structural() -> None:
    near = known(replace(REPORT, message="order 12 has no lines left"))
    decision = decide(question(), Neighbours(structural=(near,)), Thresholds())
    assert (decision.strategy, decision.pattern_id) == ("structural", "p1")


def test_the_same_functions_with_another_message_are_not() -> None:
    near = known(replace(REPORT, message="customer without address"), meaning=0.3)
    decision = decide(question(), Neighbours(structural=(near,), semantic=(near,), fuzzy=(near,)), Thresholds())
    assert decision.strategy == "new"
    assert decision.candidates[0].pattern_id == "p1"


def test_an_unrelated_signature_is_only_a_candidate() -> None:
    other = ParsedReport("python", "KeyError", "region", (StackFrame("tax", "shop.tax"),))
    decision = decide(question(), Neighbours(semantic=(known(other, meaning=0.2),)), Thresholds())
    assert decision.strategy == "new"
    assert decision.candidates[0].score < 0.5
    assert decision.explanation[-1].startswith("new")


def test_thresholds_move_the_decision() -> None:
    near = known(replace(REPORT, message="order 12 has no lines left"), meaning=0.95)
    strict = Thresholds(structural=0.999, semantic=0.999, fuzzy=0.999)
    assert decide(question(), Neighbours(structural=(near,), semantic=(near,)), strict).strategy == "new"
    assert decide(question(), Neighbours(semantic=(near,)), Thresholds(semantic=0.5)).strategy == "semantic"


def test_every_stage_tried_is_explained() -> None:
    near = known(replace(REPORT, message="no stock"), meaning=0.1)
    lines = decide(question(), Neighbours(structural=(near,), semantic=(near,), fuzzy=(near,)), Thresholds()).explanation
    assert [line.split(":")[0] for line in lines] == ["exact", "structural", "semantic", "fuzzy", "new"]


def test_signatures_of_one_batch_see_each_other() -> None:
    first, second = question(), question(replace(REPORT, message="order 12 has no lines left"))
    decisions = place([first, second], Offers(), Thresholds(), {})
    assert decisions[0].strategy == "new"
    assert decisions[1].strategy == "structural"
    assert decisions[1].pattern_id == decisions[0].pattern_id


def test_a_founder_names_its_pattern() -> None:
    (decision,) = place([question()], Offers(), Thresholds(), {})
    assert decision.pattern_id == question().fingerprint.exact[:16]
    assert decision.pattern_name == "ValueError in shop.orders.load"


def test_a_word_query_holds_no_query_syntax() -> None:
    assert word_query('a AND (b* OR "c") ~d -e +f [g TO h] \\ /x/') == "a and b or c d e f g to h x"
    assert word_query("!!! ???") == ""
    assert len(word_query(" ".join(f"w{i}" for i in range(500))).split()) == 40
