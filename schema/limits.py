"""Limits on what one document may request.

Size and number of tokens are checked before parsing, so that neither parsing nor validation can be slowed down.
Depth, aliases, nodes and fields are counted in one walk that visits each fragment once, however often it is spread.
A field with an argument ``first`` counts as that many nodes, times everything below it; other lists are short and
count as twenty nodes.
"""

from __future__ import annotations

import dataclasses
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
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
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
"""Assumed length of a list without pages, such as the candidates of a match."""
WEIGHTS = {
    ("Crash", "report"): 100,
    ("Crash", "diagnosis"): 100,
    ("Pattern", "asOf"): 100,
    ("Site", "patterns"): 100,
    ("Version", "patterns"): 100,
    ("Environment", "patterns"): 100,
    ("Query", "rootPatterns"): 500,
    ("Query", "path"): 1_000,
}
"""Cost in nodes of fields that read much more than they return: the report, which is long, and is checked before the diagnosis;
a history, a thousand crashes, all causes, thousands of nodes."""

SEARCH_WEIGHT = 1_000
"""Cost in nodes of a root field that searches texts: a search reads much more than it returns."""
SEARCHED = ("text", "search")
"""Arguments, and fields of the argument ``filter``, with the words to search for."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The maximum result of a selection, and its nesting."""

    nodes: int = 0
    fields: int = 0
    depth: int = 0
    aliases: int = 0

    def __add__(self, other: Cost) -> Cost:
        """The cost of both selections side by side."""
        return Cost(
            self.nodes + other.nodes,
            self.fields + other.fields,
            max(self.depth, other.depth),
            self.aliases + other.aliases,
        )


class Limits(ValidationCache):
    """Refuses documents above a limit, with code ``LIMIT``; the answer has the cost. Caches validation results."""

    cost: Cost | None = None

    def on_operation(self) -> Iterator[None]:
        """Check the size, and limit the number of tokens that the parser reads."""
        size = len(self.execution_context.query or "")
        if size > MAX_CHARACTERS:
            raise LimitError(f"the document has {size:,} characters; at most {MAX_CHARACTERS:,}: pass long values as variables")
        self.execution_context.parse_options["max_tokens"] = MAX_TOKENS
        yield

    def on_validate(self) -> Iterator[None]:
        """Validate the document, then compare its cost with the limits."""
        context = self.execution_context
        schema, document = context.schema._schema, context.graphql_document  # noqa: SLF001  # as strawberry's own extensions do
        if document is not None:
            errors = self.cached_validate_document(schema, document, context.validation_rules)
            if not errors and not context._provided_operation_name:  # noqa: SLF001  # strawberry would run the first one
                errors = _several_operations(document)
            if not errors:
                self.cost = cost_of(schema, document, context.operation_name, context.variables or {})
                errors = _excess(self.cost)
            context.pre_execution_errors = errors
        yield

    def get_results(self) -> dict[str, Any]:
        """The cost of the document, for ``extensions`` of the answer."""
        return {} if self.cost is None else {"cost": dataclasses.asdict(self.cost)}


def cost_of(schema: GraphQLSchema, document: DocumentNode, operation: str | None, variables: Mapping[str, Any]) -> Cost:
    """The cost of the named operation in a valid document, or of its only operation."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    named = [node for node in operations if node.name and node.name.value == operation]
    chosen = (named or operations)[0]
    root = schema.get_root_type(chosen.operation)
    return _Walk(document, {**_defaults(chosen), **variables}, schema).cost(chosen.selection_set, root)


def _several_operations(document: DocumentNode) -> list[GraphQLError]:
    """The error of a document with several operations, of which none was chosen."""
    names = [one.name.value for one in document.definitions if isinstance(one, OperationDefinitionNode) and one.name]
    if len(names) < 2:
        return []
    return [GraphQLError(f"the document has the operations {', '.join(names[:10])}: choose one with operationName")]


def _excess(cost: Cost) -> list[GraphQLError]:
    """One error per limit that the cost exceeds."""
    return [
        GraphQLError(f"{subject} {value:,}; at most {limit:,}: {advice}", extensions={"code": LimitError.code})
        for subject, value, limit, advice in (
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
        self._fragment_costs: dict[str, Cost] = {}

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
        if name not in self._fragment_costs:
            node = self._fragments[name]
            self._fragment_costs[name] = self.cost(node.selection_set, self._type(node.type_condition.name.value))
        return self._fragment_costs[name]

    def _field(self, node: FieldNode, parent: Any) -> Cost:
        declared = parent.fields.get(node.name.value) if isinstance(parent, _WITH_FIELDS) else None
        alias = 1 if node.alias else 0
        if declared is None:  # __typename, or introspection, which has a limit of its own
            return Cost(fields=1, depth=1, aliases=alias)
        inner = self.cost(node.selection_set, get_named_type(declared.type))
        first = self._first(node, declared)
        own = WEIGHTS.get((parent.name, node.name.value), 0) + (SEARCH_WEIGHT if self._searches(node, parent) else 0)
        times = (self._named(node) or _unpaged(declared, parent)) if first is None else first
        return Cost(
            nodes=own + (times * inner.nodes if first is None else times * (1 + inner.nodes)),
            fields=1 + times * inner.fields,
            depth=1 + inner.depth,
            aliases=alias + inner.aliases,
        )

    def _first(self, node: FieldNode, declared: GraphQLField) -> int | None:
        """The maximum number of nodes of a field; ``None`` if it has no argument ``first``."""
        if "first" not in declared.args:
            return None
        value: object = declared.args["first"].default_value
        for argument in node.arguments or ():
            if argument.name.value == "first":
                value = self._value(argument.value)
        return max(value, 0) if isinstance(value, int) else 0

    def _named(self, node: FieldNode) -> int:
        """The number of nodes that the argument ``ids`` names; 0 without it."""
        given = {argument.name.value: self._value(argument.value) for argument in node.arguments or ()}
        ids = given.get("ids")
        return len(ids) if isinstance(ids, list) else 0

    def _searches(self, node: FieldNode, parent: Any) -> bool:
        """Whether a root field searches texts."""
        if parent is not self._schema.query_type:
            return False
        given = {argument.name.value: self._value(argument.value) for argument in node.arguments or ()}
        filtered = given.get("filter")
        values = {**given, **filtered} if isinstance(filtered, Mapping) else given
        return any(values.get(name) is not None for name in SEARCHED)

    def _value(self, node: ValueNode) -> object:
        """A number, a list, an object, or a text in a document or its variables; ``None`` for null."""
        if isinstance(node, VariableNode):
            return self._variables.get(node.name.value)
        if isinstance(node, ObjectValueNode):
            return {field.name.value: self._value(field.value) for field in node.fields}
        if isinstance(node, ListValueNode):
            return [self._value(item) for item in node.values]
        if isinstance(node, IntValueNode):
            return int(node.value)
        return node.value if isinstance(node, StringValueNode) else None

    def _type(self, name: str) -> Any:
        return self._schema.type_map.get(name)


def _unpaged(declared: GraphQLField, parent: GraphQLNamedType) -> int:
    """The assumed number of items of a field without ``first``; those of a page are counted in the field above."""
    is_list = isinstance(get_nullable_type(declared.type), GraphQLList)
    is_page = "edges" in getattr(parent, "fields", {})
    return UNPAGED_ITEMS if is_list and not is_page else 1


_WITH_FIELDS = (GraphQLObjectType, GraphQLInterfaceType)


def _defaults(operation: OperationDefinitionNode) -> dict[str, int]:
    """Default values of integer variables."""
    return {
        node.variable.name.value: int(node.default_value.value)
        for node in operation.variable_definitions or ()
        if isinstance(node.default_value, IntValueNode)
    }
