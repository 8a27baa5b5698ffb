"""Verdicts retrain the match model; it applies at once, and is rolled back if it does not improve."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from reports import submission
from test_verdicts import homes

from crashgraph.wiring import Container
from graph.matching.ranking_model import shipped_model
from graph.matching.retrieval import sample_rarity
from graph.matching.training import ADJUSTED, decisions, examples, learn_adjustment, loss, split, undisputed
from graph.model.actor import person
from graph.model.errors import NotFoundError
from graph.model.models import MATCHING
from graph.model.statement import Statement
from jobs.runner import run_now
from resolvers.models import list_versions, use_version

WORDS = [
    "amber",
    "birch",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "grove",
    "heath",
    "islet",
    "jetty",
    "knoll",
    "larch",
    "marsh",
    "north",
    "ocean",
    "poppy",
    "quartz",
    "ridge",
    "stone",
    "thorn",
]
ANN = person("ann")
UNREAD = "the {} could not be read from its store"
MODELS = Statement("MATCH (m:ModelVersion) RETURN m {.*} AS model ORDER BY m.number")


def report(word: str, way: str, message: str) -> str:
    """A traceback of one program part; ``way`` is where it failed in it."""
    frames = "".join(
        f'  File "{word}/{file}.py", line {line}, in {function}\n    go()\n'
        for file, line, function in (
            ("main", 3, "main"),
            (f"{word}_service", 20, f"serve_{word}"),
            (f"{word}_{way}", 7, f"{way}_{word}"),
        )
    )
    return f"Traceback (most recent call last):\n{frames}{word.title()}Error: {message}\n"


async def pairs(
    container: Container, words: list[str], ways: tuple[str, str], messages: tuple[str, str] = (UNREAD, UNREAD)
) -> list[tuple[str, str]]:
    """Two crashes of each program part, and their signatures."""
    failures = list(zip(ways, messages, strict=True))
    texts = [report(word, way, message.format(word)) for word in words for way, message in failures]
    handed_in = [submission(0, 10_000 + i, report=text) for i, text in enumerate(texts)]
    await container.receiver.receive(handed_in)
    prints = [container.receiver.crash_builder.prepare(one, datetime.now(UTC))[0].fingerprint for one in handed_in]
    exacts = [one.exact for one in prints if one is not None]
    return list(zip(exacts[::2], exacts[1::2], strict=True))


async def decide(container: Container, found: list[tuple[str, str]], *, same: bool) -> None:
    """A person gives a verdict on every pair."""
    for one, other in found:
        give = container.verdicts.same if same else container.verdicts.different
        await give(f"Signature:{one}", f"Signature:{other}", actor=person("ann"))


async def run(container: Container, **params: object) -> dict[str, float]:
    done = await run_now(container.graph, "match_model", params)
    assert done.state == "succeeded", done.error
    counts: dict[str, float] = json.loads(done.counts or "{}")
    return counts


async def chance(container: Container, word: str) -> float:
    """Probability that a third failure matches one of the others."""
    container.matcher.signature_matcher.use(container.matcher.signature_matcher.shipped_policy)
    text = report(word, "write", UNREAD.format(word))
    (prepared,) = container.receiver.crash_builder.prepare(submission(0, 0, report=text), datetime.now(UTC))
    found = await container.matcher.signature_matcher.match([prepared.fingerprint], with_candidates=True)
    return next(iter(found.values())).candidates[0].score


async def models(container: Container) -> list[dict[str, object]]:
    return [row["model"] for row in await container.graph.read(MODELS)]


async def test_too_few_decisions_change_nothing(container: Container) -> None:
    await decide(container, await pairs(container, WORDS[:3], ("read", "parse")), same=False)
    counts = await run(container)
    assert counts["decisions"] == 3
    assert await models(container) == []


@pytest.mark.timeout(300)
async def test_what_people_decide_is_learned_used_and_rolled_back_when_it_does_worse(container: Container) -> None:
    early = await pairs(container, WORDS, ("read", "parse"))
    before = await chance(container, WORDS[0])
    await decide(container, early, same=False)
    counts = await run(container)
    assert counts["decisions_to_learn_from"] == len(WORDS)
    assert counts["loss_after"] < counts["loss_before"]
    (first,) = await models(container)
    shipped = shipped_model()
    assert shipped is not None
    assert (first["state"], first["base"], first["version"]) == ("active", shipped.version, f"{shipped.version}+1")
    after = await chance(container, WORDS[0])
    assert after < before
    await use_version(container.graph, MATCHING, None, ANN)
    assert after < await chance(container, WORDS[0]) <= before
    assert [one.state for one in await list_versions(container.graph, MATCHING)] == ["replaced"]
    with pytest.raises(NotFoundError):
        await use_version(container.graph, MATCHING, "none such", ANN)
    await use_version(container.graph, MATCHING, str(first["version"]), ANN)
    assert (await run(container))["decisions_since"] == 0
    assert [one["state"] for one in await models(container)] == ["active"]
    # Then people decide the opposite.
    late = await pairs(
        container, [word + "wood" for word in WORDS[:12]], ("read", "parse"), (UNREAD, "expected a comma, found {}")
    )
    where = await homes(container)
    apart = [pair for pair in late if where[pair[0]] != where[pair[1]]]
    assert len(apart) >= 10
    await decide(container, apart, same=True)
    counts = await run(container)
    assert counts["rolled_back"] == 1
    assert (await models(container))[0]["state"] == "rolled_back"
    assert await chance(container, WORDS[0]) > after


async def test_what_is_learned_can_be_read_and_is_bounded_by_the_prior(container: Container) -> None:
    await decide(container, await pairs(container, WORDS[:8], ("read", "parse")), same=False)
    shipped = shipped_model()
    assert shipped is not None
    found = await examples(container.graph, await decisions(container.graph), await sample_rarity(container.graph), shipped)
    adjustment = learn_adjustment(shipped, found)
    assert set(adjustment.parts) == set(ADJUSTED)
    assert abs(adjustment.slope) < 1
    assert loss(replace(shipped, learned=adjustment), found) < loss(shipped, found)
    earlier, later = split(found, 0.25)
    assert len({one.decision for one in later}) == 2
    assert max(one.at for one in earlier) <= min(one.at for one in later)


async def test_undisputed_pairs_move_less(container: Container) -> None:
    await decide(container, await pairs(container, WORDS[:8], ("read", "parse")), same=False)
    await pairs(container, WORDS[8:16], ("read", "parse"))
    shipped = shipped_model()
    assert shipped is not None
    verdicts, seen = await decisions(container.graph), await sample_rarity(container.graph)
    found = await examples(container.graph, verdicts, seen, shipped)
    quiet = await undisputed(container.graph, found, verdicts, seen, shipped)
    assert len(quiet) >= 8
    rows = np.concatenate(quiet)
    before = shipped.probability(rows)
    alone, held = (replace(shipped, learned=learn_adjustment(shipped, found, some)) for some in ((), quiet))
    assert np.abs(held.probability(rows) - before).mean() < np.abs(alone.probability(rows) - before).mean()
    assert loss(held, found) < loss(shipped, found)
