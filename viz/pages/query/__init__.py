"""The page to write GraphQL queries in, with the schema beside. The composition root supplies schema and examples."""

from __future__ import annotations

from collections.abc import Mapping

from graph.model.actor import Scope
from viz.pages.registry import Page

INTROSPECTION = """query Schema {
  __schema {
    types {
      name
      kind
      description
      fields(includeDeprecated: true) {
        name description deprecationReason type { ...Written } args { name description type { ...Written } }
      }
      inputFields { name description type { ...Written } }
      enumValues { name description }
    }
  }
}

fragment Written on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }
"""


def graphql(_values: Mapping[str, object]) -> str:
    """The introspection query that returns what the page lists of the schema."""
    return INTROSPECTION


PAGE: Page[Mapping[str, object]] = Page(
    name="query",
    path="/graphql",
    title="GraphQL",
    help="Write GraphQL queries and read the schema.",
    needs=Scope.READ,
    template="pages/query/page.html",
    scripts=("pages/query/main.js",),
    styles=("pages/query/page.css",),
    graphql=graphql,
    menu="GraphQL",
)
"""``values``: ``types``, a sequence of {name, kind, description, fields: {name, description, type, arguments}} where a type
is written as {before, name, after}; ``examples``, a list of {name, group, title, query, kind, variables,
extensions}; ``ids``, the query that finds what stands for ``@pattern`` and so on in variables."""
