"""How much one document may ask for.

The size and the number of tokens are checked before parsing, so that neither parsing nor validation can be made slow.
Depth, aliases, nodes and fields are counted in one walk in which each fragment is looked at once, however often it is
spread. A field that takes ``first`` may return that many nodes, and everything below it as often; other lists of
nodes are short and are taken to have twenty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
)
from strawberry.extensions.validation_cache import ValidationCache

from graph.model.errors import LimitError

MAX_CHARACTERS = 100_000
MAX_TOKENS = 3_000
MAX_DEPTH = 15
MAX_ALIASES = 50
MAX_NODES = 10_000
MAX_FIELDS = 50_000
UNPAGED_ITEMS = 20
"""How many items a list without pages, such as the candidates of a match, is taken to have."""
WEIGHTS = {("Crash", "report"): 100, ("Crash", "diagnosis"): 100}
"""Fields that cost as much as this many nodes: a report is long, and a diagnosis is not told before its report is checked."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a selection may return at most, and how it is written."""

    nodes: int = 0
    fields: int = 0
    depth: int = 0
    aliases: int = 0

    def __add__(self, other: Cost) -> Cost:
        """Both side by side."""
        return Cost(
            self.nodes + other.nodes,
            self.fields + other.fields,
            max(self.depth, other.depth),
            self.aliases + other.aliases,
        )


class Limits(ValidationCache):
    """Refuses a document that asks for too much, with code ``LIMIT``. Remembers which documents are valid."""

    def on_operation(self) -> Iterator[None]:
        """Check the size, and tell the parser how many tokens it may read."""
        size = len(self.execution_context.query or "")
        if size > MAX_CHARACTERS:
            raise LimitError(f"the document has {size:,} characters; at most {MAX_CHARACTERS:,}: pass long values as variables")
        self.execution_context.parse_options["max_tokens"] = MAX_TOKENS
        yield

    def on_validate(self) -> Iterator[None]:
        """Validate, and count what a valid document asks for."""
        asked = self.execution_context
        schema, document = asked.schema._schema, asked.graphql_document  # noqa: SLF001  # as strawberry's own extensions do
        if document is not None:
            errors = self.cached_validate_document(schema, document, asked.validation_rules)
            asked.pre_execution_errors = errors or _excess(
                cost_of(schema, document, asked.operation_name, asked.variables or {})
            )
        yield


def cost_of(schema: GraphQLSchema, document: DocumentNode, operation: str | None, variables: Mapping[str, Any]) -> Cost:
    """The cost of the operation of that name in a valid document, or of its only one."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    named = [node for node in operations if node.name and node.name.value == operation]
    chosen = (named or operations)[0]
    root = schema.get_root_type(chosen.operation)
    return _Walk(document, {**_defaults(chosen), **variables}, schema).cost(chosen.selection_set, root)


def _excess(cost: Cost) -> list[GraphQLError]:
    """An error for each limit that a cost exceeds."""
    return [
        GraphQLError(f"{what} {value:,}; at most {limit:,}: {advice}", extensions={"code": LimitError.code})
        for what, value, limit, advice in (
            ("the query is nested to depth", cost.depth, MAX_DEPTH, "ask in two steps"),
            ("the number of aliases is", cost.aliases, MAX_ALIASES, "ask in several requests"),
            ("the number of nodes it may return is", cost.nodes, MAX_NODES, "ask for smaller pages with first"),
            ("the number of fields it may return is", cost.fields, MAX_FIELDS, "ask for smaller pages or fewer fields"),
        )
        if value > limit
    ]


class _Walk:
    """One walk over an operation."""

    def __init__(self, document: DocumentNode, variables: Mapping[str, Any], schema: GraphQLSchema) -> None:
        self._schema = schema
        self._variables = variables
        self._fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
        self._known: dict[str, Cost] = {}

    def cost(self, selected: SelectionSetNode | None, parent: Any) -> Cost:
        total = Cost()
        for node in selected.selections if selected else ():
            if isinstance(node, FieldNode):
                total += self._field(node, parent)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                total += self.cost(node.selection_set, self._type(condition.name.value) if condition else parent)
            elif isinstance(node, FragmentSpreadNode):
                total += self._fragment(node.name.value)
        return total

    def _fragment(self, name: str) -> Cost:
        if name not in self._known:
            node = self._fragments[name]
            self._known[name] = self.cost(node.selection_set, self._type(node.type_condition.name.value))
        return self._known[name]

    def _field(self, node: FieldNode, parent: Any) -> Cost:
        declared = parent.fields.get(node.name.value) if isinstance(parent, _WITH_FIELDS) else None
        alias = 1 if node.alias else 0
        if declared is None:  # __typename, or introspection, which has a limit of its own
            return Cost(fields=1, depth=1, aliases=alias)
        inner = self.cost(node.selection_set, get_named_type(declared.type))
        first = self._first(node, declared)
        own = WEIGHTS.get((parent.name, node.name.value), 0)
        times = _unpaged(declared, parent) if first is None else first
        return Cost(
            nodes=own + (times * inner.nodes if first is None else times * (1 + inner.nodes)),
            fields=1 + times * inner.fields,
            depth=1 + inner.depth,
            aliases=alias + inner.aliases,
        )

    def _first(self, node: FieldNode, declared: GraphQLField) -> int | None:
        """How many nodes a field may return; ``None`` for a field that takes no ``first``."""
        if "first" not in declared.args:
            return None
        value: object = declared.args["first"].default_value
        for argument in node.arguments or ():
            if argument.name.value == "first":
                value = self._value(argument.value)
        return max(value, 0) if isinstance(value, int) else 0

    def _value(self, node: ValueNode) -> object:
        if isinstance(node, VariableNode):
            return self._variables.get(node.name.value)
        return int(node.value) if isinstance(node, IntValueNode) else None

    def _type(self, name: str) -> Any:
        return self._schema.type_map.get(name)


def _unpaged(declared: GraphQLField, parent: GraphQLNamedType) -> int:
    """How many items a field without ``first`` is taken to return: the field above has counted those of a page."""
    is_list = isinstance(get_nullable_type(declared.type), GraphQLList)
    is_page = "edges" in getattr(parent, "fields", {})
    return UNPAGED_ITEMS if is_list and not is_page else 1


_WITH_FIELDS = (GraphQLObjectType, GraphQLInterfaceType)


def _defaults(operation: OperationDefinitionNode) -> dict[str, int]:
    """Whole numbers that variables have when they are not given."""
    return {
        node.variable.name.value: int(node.default_value.value)
        for node in operation.variable_definitions or ()
        if isinstance(node.default_value, IntValueNode)
    }
