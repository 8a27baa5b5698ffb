"""Mutations made at random from the schema: inputs walked by type, with right, wrong, extreme and hostile values."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLType,
    get_named_type,
    is_required_input_field,
)
from reports import BUGS, traceback
from schema_walk import root_fields, selected

SECRET = "hunter2Planted"
"""Planted in texts, in forms that redaction knows."""
PASSWORD = "correct horse battery staple"
SURROGATE, HUGE = "\ud800", 10**400
EXCESS = "@@1e400@@"
"""Becomes a number that no double holds."""
LABELS = {
    "a": "Pattern", "apiKey": "ApiKey", "b": "Signature", "belongsTo": "Pattern", "cause": "Pattern", "crash": "Crash",
    "crashes": "Crash", "effect": "Pattern", "environment": "Environment", "pattern": "Pattern", "patterns": "Pattern",
    "runId": "JobRun", "session": "Session", "signature": "Signature", "signatures": "Signature", "solution": "Solution",
    "user": "User", "verdict": "Verdict",
}  # fmt: skip
"""The kind of node that a field of an input names."""
HOSTILE_TEXTS = (
    "", " ", "\x00", SURROGATE, "x" * 100_000, "'; MATCH (n) DETACH DELETE n //", "`}) DETACH DELETE n RETURN ({a:`",
    "$input", "\\u0027 OR 1=1", "<script>alert(1)</script>", "{{7*7}}", "../../etc/passwd", "%s%n%x", "\u202egnp.exe",
    "e\u0301" * 300, "🙂" * 300, "a\r\nX-Injected: y", "null", "NaN", "Pattern:", '{"a":' * 60, "[" * 5_000,
    f"password={SECRET}", f"token: {SECRET}", f"https://ann:{SECRET}@example.org/", f'{{"api_key": "{SECRET}"}}',
)  # fmt: skip
HOSTILE_IDS = (
    "", ":", "Crash:", ":x", "Nothing:1", "Pattern:Pattern:x", "pattern:x", "AuditEvent:x", "IdempotencyKey:x", "User:x", "é",
    "\x00", SURROGATE, "x" * 10_000, "*", "' OR '1'='1", 0, 7, -1, 2**63, HUGE, f"password={SECRET}",
)  # fmt: skip
HOSTILE_TIMES = (
    "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999-12:00", "9999-12-31T23:59:59Z",
    "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "-2026-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-12-31T23:59:60Z",
    "2026-03-01", "2026-03-01T12:00:00", "2026-W01-1", "24:00", "soon", "", "2026-03-01T24:00:00Z", "1e9", 0, 1e308,
    "2026-03-01T12:00:00+99:99", "2026-03-29T02:30:00[Europe/Brussels]", "2026-03-01T12:00:00.123456789Z",
)  # fmt: skip
HOSTILE_INTS = (0, -1, 101, 1_001, 2**31 - 1, 2**31, -(2**31), 2**53 + 1, HUGE, 1.0, 1.5, 1e308, "1", float("nan"), EXCESS)
HOSTILE_FLOATS = (
    0, -0.0, -1, 1e308, -1e308, 5e-324, 2**63, HUGE, "1", "NaN", float("nan"), float("inf"), -float("inf"), EXCESS,
)  # fmt: skip
HOSTILE_BOOLEANS = ("true", 1, 0, "")
HOSTILE_ENUMS = ("NOPE", "", "open", 0, SURROGATE, "__typename")


@dataclass(frozen=True, slots=True)
class Mutation:
    """One request with one mutation."""

    name: str
    input: Mapping[str, Any]
    body: str

    @property
    def id(self) -> object:
        """The ``clientMutationId``."""
        return self.input.get("clientMutationId")


class Mutations:
    """Makes mutations; the same seed makes the same ones."""

    def __init__(self, schema: GraphQLSchema, seed: int) -> None:
        """Ids of nodes are given later, by :meth:`know`."""
        self._schema = schema
        self._random = Random(seed)
        self._fields = root_fields(schema, "mutation")
        self._waiting: list[str] = []
        self._ids: dict[str, list[str]] = {}
        self._odd = 0.0

    def know(self, ids: Sequence[str]) -> None:
        """Global ids of nodes that are in the graph now."""
        self._ids = {}
        for id in ids:
            self._ids.setdefault(id.partition(":")[0], []).append(id)

    def next(self, name: str | None = None, client_id: object = None) -> Mutation:
        """A mutation of that name, by default of one after the other; with that ``clientMutationId``, if one is given."""
        if not self._waiting:
            self._waiting = self._random.sample(list(self._fields), len(self._fields))
        name = name or self._waiting.pop()
        field = self._fields[name]
        kind = get_named_type(field.args["input"].type)
        assert isinstance(kind, GraphQLInputObjectType)
        self._odd = self._random.choice((0.0, 0.0, 0.1, 0.3))
        given = self._object(kind)
        if client_id is not None:
            given["clientMutationId"] = client_id
        return Mutation(name, given, self._body(name, field, given))

    def _body(self, name: str, field: GraphQLField, given: object) -> str:
        kind = field.args["input"].type
        document = f"mutation ($input: {kind}) {{ {name}(input: $input) {selected(field, self._schema, 2)} }}"
        value = [given] if self._random.random() < self._odd / 10 else given
        return json.dumps({"query": document, "variables": {"input": value}}).replace(f'"{EXCESS}"', "1e400")

    def _object(self, kind: GraphQLInputObjectType) -> dict[str, Any]:
        fields: Mapping[str, GraphQLInputField] = kind.fields
        given = {
            name: self._value(name, field.type)
            for name, field in fields.items()
            if is_required_input_field(field) or self._random.random() < 0.35
        }
        if self._random.random() < self._odd / 5:
            given[self._random.choice(("nothing", "__proto__", ""))] = 1
        if given and self._random.random() < self._odd / 5:
            del given[self._random.choice(list(given))]
        return given

    def _value(self, name: str, kind: GraphQLType) -> Any:
        random = self._random
        if isinstance(kind, GraphQLNonNull):
            return self._value(name, kind.of_type)
        is_odd = random.random() < self._odd
        if is_odd and random.random() < 0.15:
            return random.choice(
                (None, 7, True, 1.5, [], {}, "text", [[["x"]]], {"a": {"b": [1, None]}}, _nested(90), _nested(120))
            )
        if isinstance(kind, GraphQLList):
            count = random.choice((0, 1_001, 30)) if is_odd and random.random() < 0.2 else random.randrange(1, 4)
            return [self._value(name, kind.of_type) for _ in range(count)]
        if isinstance(kind, GraphQLEnumType):
            return random.choice(HOSTILE_ENUMS if is_odd else list(kind.values))
        if isinstance(kind, GraphQLInputObjectType):
            return self._object(kind)
        assert hasattr(kind, "name")
        return self._scalar(name, kind.name, is_odd=is_odd)

    def _scalar(self, name: str, kind: str, *, is_odd: bool) -> Any:
        random = self._random
        if name == "clientMutationId":
            # Returned as it was sent, so nothing is planted in it.
            return (
                random.choice(("", " ", "x" * 201, "\x00", SURROGATE, 7, True))
                if is_odd
                else str(uuid.UUID(int=random.getrandbits(128)))
            )
        if kind == "ID" or name == "user":
            return self._id(name, is_odd=is_odd)
        hostile, right = {
            "Int": (HOSTILE_INTS, (0, 1, 2, 3, 5)),
            "Float": (HOSTILE_FLOATS, (0, 0.5, 1, 30)),
            "Boolean": (HOSTILE_BOOLEANS, (True, False)),
            "DateTime": (HOSTILE_TIMES, ("2026-11-20T12:00:00Z", "2027-01-01T00:00:00+02:00")),
        }.get(kind, (HOSTILE_TEXTS, None))
        return random.choice(hostile) if is_odd else random.choice(right) if right else self._text(name)

    def _id(self, name: str, *, is_odd: bool) -> Any:
        random = self._random
        label = LABELS.get(name, "Pattern")
        if is_odd and random.random() < 0.5:
            return random.choice(HOSTILE_IDS)
        known = [*self._ids.get(random.choice(list(self._ids)) if is_odd else label, ())] or [f"{label}:unknown"]
        id = random.choice(known)
        return id if random.random() < 0.5 else id.partition(":")[2]

    def _text(self, name: str) -> str:
        random = self._random
        number = random.randrange(10**6)
        return {
            "report": traceback(random.randrange(len(BUGS)), random.randrange(1, 40)),
            "format": "auto",
            "password": PASSWORD,
            "newPassword": PASSWORD,
            "oldPassword": PASSWORD,
            "name": random.choice(("co_occurrence", "communities", f"name-{number}")),
            "type": random.choice(("KeyError", "ValueError")),
            "site": f"site-{number % 4}",
            "product": "desk",
            "version": f"1.{number % 3}",
            "id": f"r{number}",
        }.get(name, f"a text {number}, with password={SECRET}")


def _nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value
