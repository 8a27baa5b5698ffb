"""Pages of crashes and patterns: every item once and in order, despite ties and new arrivals."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from small_graph import START, arrange, crash, pattern

from graph.model.errors import InvalidInputError
from graph.ports import Graph
from resolvers import crashes, patterns, relations
from resolvers.filters import CrashFilter, CrashOrder, PatternFilter, PatternOrder
from resolvers.records import PageOf


async def all_of(page: Callable[[str | None], Awaitable[PageOf[Any]]]) -> list[Any]:
    """All items of all pages."""
    items: list[Any] = []
    after = None
    while True:
        found = await page(after)
        items += found.items
        if not found.has_next:
            return items
        after = found.cursors[-1]


async def crash_ids(graph: Graph, filter: CrashFilter, order: CrashOrder = CrashOrder.RECEIVED, first: int = 100) -> list[str]:
    found = await all_of(lambda after: crashes.list_crashes(graph, filter, first, after, order))
    return [item.crash_id for item in found]


async def pattern_ids(graph: Graph, filter: PatternFilter, order: PatternOrder = PatternOrder.OCCURRENCES) -> list[str]:
    found = await all_of(lambda after: patterns.list_patterns(graph, filter, order, 2, after))
    return [item.pattern.pattern_id for item in found]


@pytest.mark.parametrize("order", CrashOrder)
@pytest.mark.parametrize("filter", [CrashFilter(), CrashFilter(pattern_id="p"), CrashFilter(search="shop")])
async def test_pages_hold_each_crash_once_despite_equal_times(graph: Graph, order: CrashOrder, filter: CrashFilter) -> None:
    await arrange(graph, [pattern("p")], [crash(f"c{i:02}", "p", minute=i // 5) for i in range(23)])
    expected = sorted((f"c{i:02}" for i in range(23)), key=lambda crash_id: (-(int(crash_id[1:]) // 5), crash_id))
    assert await crash_ids(graph, filter, order, first=4) == expected


async def test_a_crash_that_arrives_while_paging_shifts_nothing(graph: Graph) -> None:
    await arrange(graph, [pattern("p")], [crash(f"c{i}", "p", minute=i) for i in range(6)])
    page = await crashes.list_crashes(graph, CrashFilter(), 3)
    await arrange(graph, [], [crash("new", "p", minute=99)])
    rest = await crashes.list_crashes(graph, CrashFilter(), 3, page.cursors[-1])
    assert [item.crash_id for item in (*page.items, *rest.items)] == ["c5", "c4", "c3", "c2", "c1", "c0"]


async def test_undated_crashes_are_listed_in_order_of_receipt_only(graph: Graph) -> None:
    await arrange(graph, [pattern("p")], [crash("dated", "p"), crash("undated", "p", minute=1, occurred_at=None)])
    assert await crash_ids(graph, CrashFilter()) == ["undated", "dated"]
    assert await crash_ids(graph, CrashFilter(), CrashOrder.OCCURRED) == ["dated"]


@pytest.mark.parametrize("order", CrashOrder)
@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        (CrashFilter(severities=("critical", "low")), ["c4", "c1"]),
        (CrashFilter(statuses=("unparsed",)), ["c4"]),
        (CrashFilter(site="Ghent"), ["c2"]),
        (CrashFilter(version="2.0"), ["c3"]),
        (CrashFilter(product="Shop", error_type="ValueError"), ["c3"]),
        (CrashFilter(since=START + timedelta(minutes=1), until=START + timedelta(minutes=3)), ["c2", "c1"]),
        (CrashFilter(pattern_id="b"), ["c3"]),
        (CrashFilter(search="SHOP b"), ["c3"]),
        (CrashFilter(search="b", pattern_id="a"), []),
        (CrashFilter(product="Other"), []),
    ],
)
async def test_crashes_are_filtered(graph: Graph, filter: CrashFilter, expected: list[str], order: CrashOrder) -> None:
    await arrange(
        graph,
        [pattern("a"), pattern("b")],
        [
            crash("c0", "a"),
            crash("c1", "a", minute=1, severity="low"),
            crash("c2", "a", minute=2, site="Ghent"),
            crash("c3", "b", minute=3, version="2.0", error_type="ValueError"),
            crash("c4", None, minute=4, status="unparsed", severity="critical"),
        ],
    )
    assert await crash_ids(graph, filter, order) == expected


async def test_listings_omit_the_report_which_is_loaded_by_id(graph: Graph) -> None:
    await arrange(graph, [pattern("p")], [crash("c0", "p")])
    listed = (await crashes.list_crashes(graph)).items[0]
    reports = await crashes.reports(graph, ["c0", "nope"])
    assert (listed.report, {id: stored.checked() for id, stored in reports.items()}) == ("", {"c0": "report of c0"})
    found = await crashes.patterns_of(graph, ["c0"]), await crashes.environments_of(graph, ["c0"])
    assert (found[0]["c0"].pattern_id, found[1]["c0"].environment_id) == ("p", "Antwerp1.0")


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (PatternOrder.OCCURRENCES, ["d", "b", "c", "a", "e"]),
        (PatternOrder.LAST_SEEN, ["d", "b", "c", "a"]),
        (PatternOrder.FIRST_SEEN, ["a", "b", "c", "d"]),
    ],
)
@pytest.mark.parametrize("filter", [PatternFilter(), PatternFilter(search="keyerror"), PatternFilter(site="Antwerp")])
async def test_pages_hold_each_pattern_once_in_every_order(
    graph: Graph, filter: PatternFilter, order: PatternOrder, expected: list[str]
) -> None:
    undated = pattern("e", 0, first_seen=None, last_seen=None)
    await arrange(
        graph,
        [pattern("a", 1), pattern("b", 5), pattern("c", 5), pattern("d", 9), undated],
        [crash(id, id) for id in "abcde"],
    )
    assert await pattern_ids(graph, filter, order) == expected


@pytest.mark.parametrize("order", [PatternOrder.OCCURRENCES, PatternOrder.LAST_SEEN])
@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        (PatternFilter(severities=("critical",)), ["c"]),
        (PatternFilter(statuses=("resolved", "ignored")), ["b"]),
        (PatternFilter(error_type="ValueError"), ["b"]),
        (PatternFilter(version="2.0"), ["b"]),
        (PatternFilter(product="Shop", site="Ghent"), ["a"]),
        (PatternFilter(site="Ghent", version="2.0"), []),
        (PatternFilter(since=START + timedelta(hours=2)), ["c", "b"]),
        (PatternFilter(until=START), []),
        (PatternFilter(search="ValueErr till"), ["b"]),
        (PatternFilter(search="till", site="Ghent"), []),
    ],
)
async def test_patterns_are_filtered(graph: Graph, filter: PatternFilter, expected: list[str], order: PatternOrder) -> None:
    await arrange(
        graph,
        [
            pattern("a", 1),
            pattern("b", 2, name="ValueError in shop.till_b", error_type="ValueError", status="resolved"),
            pattern("c", 3, severity="critical"),
        ],
        [crash("c0", "a", site="Ghent"), crash("c1", "b", version="2.0"), crash("c2", "c")],
    )
    assert await pattern_ids(graph, filter, order) == expected


async def test_a_search_matches_parts_of_words_and_ignores_query_syntax(graph: Graph) -> None:
    await arrange(graph, [pattern("a", name="MessageNotUnderstood in Planning>>isRelativeToEachAiring:"), pattern("b")])
    assert await pattern_ids(graph, PatternFilter(search="isrelative PLANNING")) == ["a"]
    assert await pattern_ids(graph, PatternFilter(search="name:(a) OR *")) == []


async def test_a_cursor_of_another_order_is_refused(graph: Graph) -> None:
    await arrange(graph, [pattern("a", 1), pattern("b", 2)])
    cursor = (await patterns.list_patterns(graph, first=1)).cursors[0]
    with pytest.raises(InvalidInputError, match="patterns by LAST_SEEN"):
        await patterns.list_patterns(graph, order=PatternOrder.LAST_SEEN, first=1, after=cursor)


async def test_a_pattern_has_the_sites_and_versions_of_its_crashes(graph: Graph) -> None:
    await arrange(graph, [pattern("p", 3)], [crash("c0", "p", site="Ghent"), crash("c1", "p", version="2.0"), crash("c2", "p")])
    found = (await patterns.patterns_by_id(graph, ["p", "nope"])).values()
    assert [record.signature_count for record in found] == [1]
    sites, versions = await relations.sites(graph, ["p"], 10), await relations.versions(graph, ["p"], 10)
    assert {item.node.name for item in sites["p"].items} == {"Antwerp", "Ghent"}
    assert {item.node.version for item in versions["p"].items} == {"1.0", "2.0"}


async def test_sites_come_with_crash_counts_page_by_page(graph: Graph) -> None:
    seen = [("Antwerp", "1.0")] * 3 + [("Ghent", "1.0")] * 3 + [("Bruges", "1.0")]
    await arrange(
        graph, [pattern("p"), pattern("q")], [crash(f"c{i}", "p", site=s, version=v) for i, (s, v) in enumerate(seen)]
    )
    first = await relations.sites(graph, ["p", "q", "unknown"], 2)
    rest = await relations.sites(graph, ["p"], 2, first["p"].cursors[-1])
    assert [(item.node.name, item.crash_count) for item in (*first["p"].items, *rest["p"].items)] == [
        ("Antwerp", 3),
        ("Ghent", 3),
        ("Bruges", 1),
    ]
    assert first["q"].items == first["unknown"].items == ()
    assert not rest["p"].has_next
