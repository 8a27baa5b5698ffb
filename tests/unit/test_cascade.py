"""The cascade accepts its stages in order, above their thresholds only, and explains its decision."""

from dataclasses import replace

import numpy as np
import pytest

from graph.algorithms.choice import NO_RIVAL, RIVALS, Choice
from graph.algorithms.evidence import PAIR_PARTS, QUERY_PARTS, Rarity
from graph.fingerprint.compute import fingerprint
from graph.matching.assign import assign_patterns
from graph.matching.cascade import Costs, IncomingSignature, KnownSignature, Neighbours, Policy, Thresholds
from graph.matching.cascade import decide as decide_by
from graph.matching.ranking_model import MatchModel, NoveltyCalibration, shipped_model
from graph.matching.retrieval import RetrievedNeighbours, word_query
from graph.matching.rulings import Ruling
from graph.model.report import ParsedReport, StackFrame

FRAMES = (StackFrame("load", "shop.orders"), StackFrame("run", "shop.jobs"), StackFrame("main", "shop.cli"))
REPORT = ParsedReport("python", "ValueError", "order 12 has no lines", FRAMES, culprit=FRAMES[0])


def decide(asked, near, thresholds):
    """Decide without a model, by the documented thresholds."""
    return decide_by(asked, near, Policy(thresholds), Rarity())


def words_asked(text):
    return word_query(text, Rarity())


def vector(seed: int) -> tuple[float, ...]:
    values = np.random.default_rng(seed).normal(size=384)
    return tuple((values / np.linalg.norm(values)).tolist())


def question(report: ParsedReport = REPORT, seed: int = 1) -> IncomingSignature:
    return IncomingSignature(fingerprint(report), vector(seed))


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


def test_signatures_of_one_batch_are_candidates_for_each_other() -> None:
    first, second = question(), question(replace(REPORT, message="order 12 has no lines left"))
    decisions = assign_patterns([first, second], RetrievedNeighbours(), Policy(), {}, Rarity())
    assert decisions[0].strategy == "new"
    assert decisions[1].strategy == "structural"
    assert decisions[1].pattern_id == decisions[0].pattern_id


def test_a_founder_names_its_pattern() -> None:
    (decision,) = assign_patterns([question()], RetrievedNeighbours(), Policy(), {}, Rarity())
    assert decision.pattern_id == question().fingerprint.exact[:16]
    assert decision.pattern_name == "ValueError in shop.orders.load"


def test_a_word_query_holds_no_query_syntax() -> None:
    assert words_asked('a AND (b* OR "c") ~d -e +f [g TO h] \\ /x/') == "a and b or c d e f g to h x"
    assert words_asked("!!! ???") == ""
    assert len(words_asked(" ".join(f"w{i}" for i in range(500))).split()) == 40


CHOICE = Choice(
    PAIR_PARTS, QUERY_PARTS, np.array([4.0 * (part == "same_place") for part in PAIR_PARTS]), np.zeros(len(QUERY_PARTS)), 2.0
)
"""Gives 0.88 for the same culprit, 0.12 for another."""
ROW = np.zeros(len(CHOICE.parts))
ROW[-1] = NO_RIVAL
MODEL = Policy(model=MatchModel(CHOICE, "by hand", 0.97, ROW))


def test_the_model_decides_for_unknown_hashes() -> None:
    near = Neighbours(semantic=(known(replace(REPORT, message="order 12 has no lines left")),))
    decision = decide_by(question(), near, MODEL, Rarity())
    assert (decision.strategy, decision.pattern_id) == ("semantic", "p1")
    assert decision.confidence == pytest.approx(1 / (1 + np.exp(-2)))
    evidence = {one.part: one.contribution for one in decision.candidates[0].evidence}
    # A typical wrong candidate has another culprit.
    assert evidence["same_place"] == 4.0
    assert not any(value for part, value in evidence.items() if part != "same_place")


ALIKE_IN = Choice(
    PAIR_PARTS,
    QUERY_PARTS,
    np.array([4.0 * (part in {"same_place", "same_cause"}) for part in PAIR_PARTS]),
    np.zeros(len(QUERY_PARTS)),
    2.0,
)
"""The same culprit, or the same error with the same message, is worth 4."""


def test_unlike_patterns_that_are_equally_likely_share_the_probability() -> None:
    here = known(replace(REPORT, message="a shelf is empty"))
    elsewhere = StackFrame("count", "shop.stock")
    same_message = known(replace(REPORT, frames=(elsewhere,), culprit=elsewhere), pattern="p2")
    policy = Policy(model=MatchModel(ALIKE_IN, "by hand", 0.97, ROW))
    decision = decide_by(question(), Neighbours(semantic=(here, same_message)), policy, Rarity())
    value = np.exp(4 - 2)
    assert [one.score for one in decision.candidates] == pytest.approx([value / (1 + 2 * value)] * 2)
    assert decision.strategy == "new"
    assert decision.confidence == pytest.approx(1 / (1 + 2 * value))


def test_two_patterns_of_one_bug_do_not_compete() -> None:
    """Otherwise a bug that was once split would be split again by each of its further signatures."""
    messages = ("order 12 has no lines left", "order has no lines", "order without lines")
    split = [known(replace(REPORT, message=message), pattern=f"p{number}") for number, message in enumerate(messages)]
    decision = decide_by(question(), Neighbours(semantic=tuple(split)), MODEL, Rarity())
    alone = decide_by(question(), Neighbours(semantic=tuple(split[:1])), MODEL, Rarity())
    assert decision.strategy == "semantic"
    assert decision.confidence == pytest.approx(alone.confidence)
    assert len(decision.candidates) == len(messages)


def test_a_new_pattern_is_less_certain_where_few_signatures_founded_one() -> None:
    model = MODEL.model
    assert model is not None
    policy = replace(MODEL, model=replace(model, novelty=NoveltyCalibration(rate=0.5)))
    young, old = Rarity(signatures=100, patterns=90), Rarity(signatures=100, patterns=10)
    unlike = Neighbours(semantic=(known(ParsedReport("python", "KeyError", "region", (StackFrame("tax", "shop.tax"),))),))
    certain, doubtful = (decide_by(question(), unlike, policy, rarity).confidence for rarity in (young, old))
    assert certain > 0.88 > doubtful


def test_the_costs_move_the_decision_of_a_model() -> None:
    near = Neighbours(semantic=(known(replace(REPORT, message="order 12 has no lines left")),))
    careful = replace(MODEL, costs=Costs(merge=20))
    assert decide_by(question(), near, careful, Rarity()).strategy == "new"
    assert decide_by(question(), near, replace(careful, costs=Costs(merge=20, split=10)), Rarity()).strategy == "semantic"


def test_a_known_hash_has_the_confidence_that_the_model_measured() -> None:
    decision = decide_by(question(), Neighbours(exact=known()), MODEL, Rarity())
    assert (decision.strategy, decision.confidence) == ("exact", 0.97)
    assert decision.candidates[0].score == 0.97


@pytest.mark.parametrize("policy", [MODEL, Policy()], ids=["with a model", "without"])
def test_a_forbidden_pattern_is_neither_matched_nor_a_candidate(policy: Policy) -> None:
    near = Neighbours(exact=known(), structural=(known(),), semantic=(known(pattern="p2", meaning=0.2),))
    decision = decide_by(question(), near, policy, Rarity(), ruling(forbidden=frozenset({"p1"})))
    assert decision.pattern_id != "p1"
    assert "p1" not in {one.pattern_id for one in decision.candidates}


def test_the_shipped_model_has_all_parts_and_is_certain_of_the_same_report() -> None:
    model = shipped_model()
    assert model is not None
    assert model.choice.parts == (*PAIR_PARTS, *QUERY_PARTS, RIVALS)
    near = Neighbours(structural=(known(replace(REPORT, message="order 12 has no lines!")),))
    decision = decide_by(question(), near, Policy(model=model), Rarity())
    assert decision.strategy == "structural"
    assert Costs().threshold < decision.confidence < 1


def ruling(**changes):
    return replace(Ruling(None, None, 0.0, frozenset(), "a person said so", ("v1",)), **changes)


@pytest.mark.parametrize("policy", [MODEL, Policy()], ids=["with a model", "without"])
def test_a_verdict_overrides_every_stage(policy: Policy) -> None:
    verdict = ruling(pattern_id="p2", pattern_name="name of p2", confidence=1.0)
    decision = decide_by(question(), Neighbours(exact=known()), policy, Rarity(), verdict)
    assert (decision.strategy, decision.pattern_id, decision.confidence) == ("verdict", "p2", 1.0)
    assert decision.candidates[0].pattern_id == "p2"
    assert decision.explanation[0] == "verdict: a person said so"
