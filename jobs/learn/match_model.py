"""The job ``match_model``: what people decided adjusts how likely a match is, and is taken back where it did not help.

First the version in use is held against decisions that came after it: where it did worse than what it followed, it is rolled
back. Then a new one is tried: trained on the earlier decisions, tested on the latest, and put into use only when it loses less
there than the one in use.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.cypher import query
from graph.matching.ranking_model import LearnedAdjustment, MatchModel, learned_json, shipped_model
from graph.matching.ranking_versions import in_use
from graph.matching.retrieval import sample_rarity
from graph.matching.training import TrainingExample, count, decisions, examples, learn_adjustment, loss, split, undisputed
from graph.model.convert import properties
from graph.model.errors import JobError
from graph.model.models import MatchingModel
from graph.ports import Row
from jobs.spec import Edge, JobSpec, Work, param


@dataclass(frozen=True, slots=True)
class MatchModelParams:
    """Parameters of the job."""

    min_decisions: int = param("Least number of decisions to learn from.", default=20, minimum=4)
    held_out: float = param(
        "Share of the decisions, the latest, that a new version is tested on.", default=0.3, minimum=0.1, maximum=0.9
    )
    min_new: int = param(
        "Least number of decisions since a version was made for it to be judged by them.", default=10, minimum=1
    )


async def run(work: Work[MatchModelParams]) -> AsyncIterator[Sequence[Edge]]:
    """Judge the version in use, then try a new one; there are no edges."""
    shipped = shipped_model()
    if shipped is None:
        raise JobError("there is no matching model to adjust: rules/matcher.json is missing")
    versions = await work.graph.read(query("learn/models", base=shipped.version))
    said = await decisions(work.graph)
    seen = await sample_rarity(work.graph)
    found = await examples(work.graph, said, seen)
    quiet = await undisputed(work.graph, found, said, seen) if _enough(work, versions, found) else []
    work.counts |= {"decisions": len({one.decision for one in said}), "decisions_to_learn_from": count(found)}
    active = next((row for row in versions if row["state"] == "active"), None)
    stands = _judged(work, shipped, versions, active, found)
    if stands is not active:
        work.also.append(query("learn/end_model", version=(active or {})["version"], state="rolled_back"))
        if stands:
            work.also.append(query("learn/end_model", version=stands["version"], state="active"))
    if _enough(work, versions, found):
        _try_new(work, shipped, versions, stands, found, quiet)
    yield ()


def _judged(
    work: Work[MatchModelParams],
    shipped: MatchModel,
    versions: Sequence[Row],
    active: Row | None,
    found: Sequence[TrainingExample],
) -> Row | None:
    """The version that stands after what came since: the active one, or the one that it followed where that did better."""
    if active is None:
        return None
    since = [one for one in found if one.at > active["trained_until"]]
    work.counts["decisions_since"] = count(since)
    if count(since) < work.params.min_new:
        return active
    before = next((row for row in versions if row["version"] == active["follows"]), None)
    losses = loss(in_use(shipped, active), since), loss(in_use(shipped, before), since)
    work.counts |= {"loss_since": losses[0], "loss_since_of_the_one_before": losses[1]}
    work.counts["rolled_back"] = float(losses[0] > losses[1])
    return before if losses[0] > losses[1] else active


def _try_new(
    work: Work[MatchModelParams],
    shipped: MatchModel,
    versions: Sequence[Row],
    stands: Row | None,
    found: Sequence[TrainingExample],
    quiet: Sequence[NDArray[np.float64]],
) -> None:
    """Put a new version into use if it does better on what it has not seen."""
    earlier, later = split(found, work.params.held_out)
    now = in_use(shipped, stands)
    tried = replace(shipped, learned=learn_adjustment(shipped, earlier, quiet))
    # What is in use may have been trained on the held-out decisions: it is held to what it would have been without them.
    then = replace(shipped, learned=learn_adjustment(shipped, [one for one in earlier if _known_to(stands, one)], quiet))
    losses = loss(then, later), loss(tried, later)
    work.counts |= {"loss_before": losses[0], "loss_after": losses[1], "accepted": float(losses[1] < losses[0])}
    if losses[1] < losses[0]:
        number = max((row["number"] for row in versions), default=0) + 1
        made = _version(work, shipped, now, number, found, count(later), losses, learn_adjustment(shipped, found, quiet))
        if stands:
            work.also.append(query("learn/end_model", version=stands["version"], state="replaced"))
        work.also.append(query("learn/keep_model", model=properties(made)))


def _known_to(version: Row | None, one: TrainingExample) -> bool:
    return version is not None and one.at <= version["trained_until"]


def _enough(work: Work[MatchModelParams], versions: Sequence[Row], found: Sequence[TrainingExample]) -> bool:
    return count(found) >= work.params.min_decisions and _is_new(versions, found)


def _is_new(versions: Sequence[Row], found: Sequence[TrainingExample]) -> bool:
    """Whether anything was decided since the last version was made; without that a rolled back one would come back."""
    return not versions or max(one.at for one in found) > max(row["trained_until"] for row in versions)


def _version(
    work: Work[Any],
    shipped: MatchModel,
    now: MatchModel,
    number: int,
    found: Sequence[TrainingExample],
    held_out: int,
    losses: tuple[float, float],
    told: LearnedAdjustment,
) -> MatchingModel:
    return MatchingModel(
        version=f"{shipped.version}+{number}",
        number=number,
        base=shipped.version,
        state="active",
        learned=learned_json(told),
        follows=now.version if now is not shipped else None,
        created_at=datetime.now(UTC),
        trained_until=max(one.at for one in found),
        decisions=count(found),
        held_out=held_out,
        loss_before=losses[0],
        loss_after=losses[1],
        run_id=work.run_id,
    )


SPEC = JobSpec(
    name="match_model",
    version="2026-11-21",
    help="Adjusts how likely a match is to what people decided, and takes that back where it did not help.",
    schedule="30 3 * * *",
    params=MatchModelParams,
    reads=(
        "Verdict",
        "Validation",
        "SAME_AS",
        "DISTINCT_FROM",
        "VALIDATES",
        "Signature",
        "Pattern",
        "OF_PATTERN",
        "MatchingModel",
        "Crash",
        "HAS_SIGNATURE",
        "REPLACED_BY",
    ),
    writes=(),
    run=run,
    keeps=("MatchingModel",),
    refuses="With fewer than `min_decisions` it learns nothing, and a new version that loses no less on the latest decisions, "
    "which it was not trained on, is not used. It moves the weight of evidence; it never changes what people decided.",
)
