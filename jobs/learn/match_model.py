"""The job ``match_model``: trains the matching model on decisions of people, and rolls a version back if it did worse.

First the version in use is tested on decisions made after its training; if its predecessor does better there, it is rolled
back. Then a new version is trained on the earlier decisions, tested on the latest, and put into use only if its loss there is
lower than that of the version in use.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from graph.cypher import query
from graph.matching.ranking_model import MatchModel, learned_json, shipped_model
from graph.matching.ranking_versions import in_use
from graph.matching.retrieval import sample_rarity
from graph.matching.training import TrainingExample, count, decisions, examples, learn_adjustment, loss, split, undisputed
from graph.model.errors import JobError
from graph.model.models import MATCHING, model_id
from graph.ports import Row
from jobs.params import param
from jobs.spec import JobNode, JobSpec, NodeUpdate, Work


@dataclass(frozen=True, slots=True)
class MatchModelParams:
    """Parameters of the job."""

    min_decisions: int = param("Minimum number of decisions for training.", default=20, minimum=4)
    held_out: float = param(
        "Share of the decisions, the latest, that a new version is tested on.", default=0.3, minimum=0.1, maximum=0.9
    )
    min_new: int = param(
        "Minimum number of decisions since a version was trained for it to be judged by them.", default=10, minimum=1
    )


async def run(work: Work[MatchModelParams]) -> AsyncIterator[Sequence[JobNode | NodeUpdate]]:
    """Judge the version in use, then train another one."""
    shipped = shipped_model()
    if shipped is None:
        raise JobError("there is no matching model to train: ranking_model.json is missing")
    versions = await work.graph.read(query("models/of_base", kind=MATCHING, base=shipped.version))
    decided = await decisions(work.graph)
    frequencies = await sample_rarity(work.graph)
    labelled = await examples(work.graph, decided, frequencies, shipped)
    enough = _is_enough(work, versions, labelled)
    quiet = await undisputed(work.graph, labelled, decided, frequencies, shipped) if enough else []
    work.counts |= {"decisions": len({each.decision for each in decided}), "decisions_to_learn_from": count(labelled)}
    active = next((row for row in versions if row["state"] == "active"), None)
    kept = _judge(work, shipped, versions, active, labelled)
    if kept is not active:
        yield [_change((active or {})["version"], "rolled_back")]
        if kept:
            yield [_change(kept["version"], "active")]
    if enough:
        yield _train(work, shipped, versions, kept, labelled, quiet)


def _change(version: str, state: str) -> NodeUpdate:
    return NodeUpdate("ModelVersion", model_id(MATCHING, version), {"state": state})


def _judge(
    work: Work[MatchModelParams],
    shipped: MatchModel,
    versions: Sequence[Row],
    active: Row | None,
    labelled: Sequence[TrainingExample],
) -> Row | None:
    """The version to keep in use: the active one, or its predecessor if that did better on decisions made since."""
    if active is None:
        return None
    since = [example for example in labelled if example.at > active["trained_until"]]
    work.counts["decisions_since"] = count(since)
    if count(since) < work.params.min_new:
        return active
    before = next((row for row in versions if row["version"] == active["follows"]), None)
    losses = loss(in_use(shipped, active), since), loss(in_use(shipped, before), since)
    work.counts |= {"loss_since": losses[0], "loss_since_of_the_one_before": losses[1]}
    work.counts["rolled_back"] = float(losses[0] > losses[1])
    return before if losses[0] > losses[1] else active


def _train(
    work: Work[MatchModelParams],
    shipped: MatchModel,
    versions: Sequence[Row],
    kept: Row | None,
    labelled: Sequence[TrainingExample],
    quiet: Sequence[NDArray[np.float64]],
) -> list[JobNode | NodeUpdate]:
    """A new version in use, if it does better on decisions that it was not trained on; else nothing."""
    earlier, later = split(labelled, work.params.held_out)
    current = in_use(shipped, kept)
    trained = replace(shipped, learned=learn_adjustment(shipped, earlier, quiet))
    # The version in use may have been trained on the held-out decisions: compare with what it would be without them.
    known = [example for example in earlier if kept is not None and example.at <= kept["trained_until"]]
    baseline = replace(shipped, learned=learn_adjustment(shipped, known, quiet))
    losses = loss(baseline, later), loss(trained, later)
    work.counts |= {"loss_before": losses[0], "loss_after": losses[1], "accepted": float(losses[1] < losses[0])}
    if losses[1] >= losses[0]:
        return []
    number = max((row["number"] for row in versions), default=0) + 1
    parameters = learned_json(learn_adjustment(shipped, labelled, quiet))
    version = f"{shipped.version}+{number}"
    node = JobNode(
        "ModelVersion",
        {
            "model_id": model_id(MATCHING, version),
            "kind": MATCHING,
            "version": version,
            "number": number,
            "base": shipped.version,
            "state": "active",
            "parameters": parameters,
            "follows": current.version if current is not shipped else None,
            "created_at": work.ports.clock.now(),
            "trained_until": max(example.at for example in labelled),
            "decisions": count(labelled),
            "held_out": count(later),
            "loss_before": losses[0],
            "loss_after": losses[1],
        },
    )
    return [*([_change(kept["version"], "replaced")] if kept else []), node]


def _is_enough(work: Work[MatchModelParams], versions: Sequence[Row], labelled: Sequence[TrainingExample]) -> bool:
    return count(labelled) >= work.params.min_decisions and _is_new(versions, labelled)


def _is_new(versions: Sequence[Row], labelled: Sequence[TrainingExample]) -> bool:
    """Whether anything was decided since the last version was trained; else a rolled-back version would come back."""
    return not versions or max(example.at for example in labelled) > max(row["trained_until"] for row in versions)


SPEC = JobSpec(
    name="match_model",
    version="2026-11-21",
    help="Trains the matching model on decisions of people, and rolls a version back if it did worse.",
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
        "ModelVersion",
        "Crash",
        "HAS_SIGNATURE",
        "REPLACED_BY",
    ),
    writes=(),
    run=run,
    updates=("ModelVersion",),
    limitations="With fewer than `min_decisions` nothing is trained, and a version is not used unless its loss on the latest "
    "decisions, which it was not trained on, is lower. Training changes the weight of evidence, never what people decided.",
)
