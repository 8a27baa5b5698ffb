"""The checked-in schema is the one that is served."""

from __future__ import annotations

from pathlib import Path

from schema.build import sdl

CHECKED_IN = Path(__file__).parents[2] / "schema" / "schema.graphql"
REFRESH = "crashgraph schema print > schema/schema.graphql"


def test_the_checked_in_schema_is_the_served_one() -> None:
    assert CHECKED_IN.read_text(encoding="utf-8") == sdl() + "\n", (
        f"the GraphQL schema changed; look at the difference, then: {REFRESH}"
    )
