"""``crashgraph doctor`` finds damage of every kind, names it, and says what to do."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from reports import submission

from crashgraph.commands.doctor import mode_checks
from crashgraph.wiring import Container
from graph.fingerprint.normalisation import VERSION
from graph.model.statement import Statement
from graph.store import apply_schema, find_drift
from graph.store.consistency import check_consistency

pytestmark = pytest.mark.timeout(600)
DAMAGES = {
    "Crash can be read": "MATCH (c:Crash) WITH c LIMIT 1 REMOVE c.report",
    "Event can be read": "MATCH (e:Event) WITH e LIMIT 1 REMOVE e.kind",
    "crashes without pattern": "MATCH (c:Crash)-[h:HAS_SIGNATURE]->() WITH h LIMIT 1 DELETE h",
    "patterns without signature": "CREATE (:Pattern {pattern_id: 'x', name: 'x', severity: 'low', "
    "confidence: 0.5, status: 'open', occurrence_count: 0})",
    "signatures of several patterns": "MATCH (s:Signature)-[:OF_PATTERN]->(p), (q:Pattern) WHERE p <> q "
    "WITH s, q LIMIT 1 CREATE (s)-[:OF_PATTERN {strategy: 'x', confidence: 1.0}]->(q)",
    "environments without crash": "CREATE (:Environment {environment_id: 'x', title: 'nowhere'})",
    "roll-ups": "MATCH (p:Pattern) WITH p LIMIT 1 SET p.occurrence_count = p.occurrence_count + 1",
    "events without a gap": "MATCH (e:Event {position: 2}) DELETE e",
    f"fingerprints of version {VERSION}": "MATCH (s:Signature) WITH s LIMIT 1 SET s.fingerprint_version = '2020-01-01'",
}


async def findings(container: Container) -> dict[str, str]:
    return {one.name: one.advice async for one in check_consistency(container.graph, VERSION) if not one.ok}


@pytest.mark.parametrize("name", DAMAGES)
async def test_damage_in_the_data_is_found(container: Container, name: str) -> None:
    await container.receiver.receive([submission(number % 4, number) for number in range(12)])
    assert await findings(container) == {}
    await container.graph.write(Statement(DAMAGES[name]))
    found = await findings(container)
    assert name in found
    assert found[name]


async def test_a_missing_index_and_a_missing_constraint_are_found(container: Container) -> None:
    await container.graph.write(Statement("DROP INDEX crash_site_range"))
    await container.graph.write(Statement("DROP CONSTRAINT crash_crash_id_unique"))
    missing = {one.name for one in await find_drift(container.graph) if one.kind == "missing"}
    await apply_schema(container.graph)
    assert missing == {"crash_site_range", "crash_crash_id_unique"}
    assert [one for one in await find_drift(container.graph) if one.kind == "missing"] == []


def test_modes_that_let_others_read_are_found(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    for name in ("password", "redaction.key", "sentry.key"):
        (home / name).touch(mode=0o600)
    assert [one.ok for one in mode_checks(home)] == [True]
    for path in (home, home / "sentry.key"):
        path.chmod(path.stat().st_mode | stat.S_IROTH)
    wrong = list(mode_checks(home))
    assert [one.ok for one in wrong] == [False, False]
    assert [one.detail.partition("chmod ")[2] for one in wrong] == [f"700 {home}", f"600 {home / 'sentry.key'}"]
