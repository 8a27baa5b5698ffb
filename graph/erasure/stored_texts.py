"""Redact the texts of stored nodes, relationships and waiting crashes once more, property by property.

Which properties hold text from outside follows from the declarations; those of older versions, which are no longer declared,
count too.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import astuple, replace
from functools import lru_cache
from typing import Any, TypeAlias

from graph.fingerprint.compute import Fingerprint, FrameKey
from graph.ingest.prepare import PreparedCrash
from graph.model import NODES
from graph.model.convert import properties, record
from graph.model.declare import NodeDeclaration, RelationshipDeclaration, TextForm
from graph.model.environment import attribute_key, version_id
from graph.model.integrity import sha256
from graph.model.nodes import Attribute, Crash, Environment, Version
from graph.redaction.carried_text import scrub_carried
from graph.redaction.found_values import FoundValues
from graph.redaction.parsed_report import clean_fact
from graph.redaction.redactor import Redactor, Scrubbed
from graph.redaction.text_view import IS_PLACEHOLDER

Clean: TypeAlias = Callable[[str], str]
Values: TypeAlias = dict[str, Any]

CACHED_REPORTS = 256
"""Results for reports; a recurring fault sends the same text again and again."""
CACHED_REPORT_LENGTH = 16_384
CACHED_TEXTS = 8_192
CACHED_LENGTH = 1_000
KIND = re.compile(r"<([a-z0-9]+):")


class StoredTexts:
    """Redacts what is stored, with one installation's key."""

    def __init__(self, redactor: Redactor) -> None:
        """``redactor`` is that of the installation, so that a value has the placeholder it has in new reports."""
        self._redactor = redactor
        self._scrubbed_short = lru_cache(maxsize=CACHED_REPORTS)(self._scrub)
        self._short = lru_cache(maxsize=CACHED_TEXTS)(redactor.redact)

    def secrets_of(self, crash: Values) -> Mapping[str, str]:
        """Secrets in a report that are distinctive enough to be replaced wherever they are."""
        return self._scrubbed(crash["report"]).values

    def crash(self, values: Values) -> Values:
        """The properties of a crash that change."""
        scrubbed = self._scrubbed(values["report"])
        changed = self._changed(NODES["Crash"], {**values, "report": ""}, lambda text: scrubbed.rest(self._redacted(text)))
        if values.get("user"):
            changed |= _unequal(values, {"user": self._redactor.user(values["user"])})
        if scrubbed.text != values["report"]:
            changed["report"] = scrubbed.text
            # A report that was damaged before stays recognisable as such.
            if values.get("stored_hash") == sha256(values["report"]):
                changed["stored_hash"] = sha256(scrubbed.text)
        return changed

    def node(self, label: str, values: Values, found: FoundValues) -> Values:
        """The properties of another node that change, its key among them."""
        clean = self._with(found)
        if label == Environment.__name__:
            named = {name: clean_fact(name, value, clean) for name, value in values.items() if isinstance(value, str)}
            del named[NODES[label].key]
            return _unequal(values, named)
        changed = self._changed(NODES[label], values, clean)
        if label == Attribute.__name__:
            changed |= self._fact(values, clean)
        elif label == Version.__name__ and {"product", "version"} & changed.keys():
            now = {**values, **changed}
            changed["version_id"] = version_id(now["product"], now["version"])
        return _unequal(values, changed)

    def relationship(self, declared: RelationshipDeclaration, values: Values, found: FoundValues) -> Values:
        """The properties of a relationship that change."""
        return self._changed(declared, values, self._with(found))

    def waiting(self, item: PreparedCrash) -> PreparedCrash:
        """A crash that is not stored yet; the same object if nothing changes."""
        values = properties(item.crash)
        changed = self.crash(values)
        clean = self._with_values(self._scrubbed(item.crash.report))
        fingerprint = item.fingerprint and _cleaned(item.fingerprint, clean)
        environment = item.environment
        if environment is not None:
            facts = self.node(Environment.__name__, properties(environment), FoundValues({}))
            environment = replace(environment, **facts) if facts else environment
        if not changed and fingerprint == item.fingerprint and environment is item.environment:
            return item
        return replace(item, crash=record(Crash, {**values, **changed}), fingerprint=fingerprint, environment=environment)

    def _fact(self, values: Values, clean: Clean) -> Values:
        """Value and key of an attribute, of which the name decides."""
        value = clean_fact(values["name"], values["value"], clean)
        return {} if value == values["value"] else {"value": value, "key": attribute_key(values["name"], value)}

    def _scrubbed(self, report: str) -> Scrubbed:
        return self._scrubbed_short(report) if len(report) <= CACHED_REPORT_LENGTH else self._scrub(report)

    def _scrub(self, report: str) -> Scrubbed:
        return scrub_carried(self._redactor, report)

    def _with(self, found: FoundValues) -> Clean:
        return lambda text: found.replaced(self._redacted(text))

    def _with_values(self, scrubbed: Scrubbed) -> Clean:
        return lambda text: scrubbed.rest(self._redacted(text))

    def _redacted(self, text: str) -> str:
        return self._short(text) if len(text) <= CACHED_LENGTH else self._redactor.redact(text)

    def _changed(self, declared: NodeDeclaration | RelationshipDeclaration, values: Values, clean: Clean) -> Values:
        own = {one.name for one in declared.properties if one.own}
        forms = {one.name: one.form for one in declared.properties}
        texts = {name: value for name, value in values.items() if name not in own and is_text(value)}
        return _unequal(values, {name: _redacted(value, forms.get(name), clean) for name, value in texts.items()})


def is_text(value: object) -> bool:
    """Whether a stored value is a text or a list of them."""
    return isinstance(value, str) or (isinstance(value, list) and any(isinstance(one, str) for one in value))


def redacted_kinds(before: Values, after: Values) -> Counter[str]:
    """How many values of each kind were replaced in changed properties."""
    kinds: Counter[str] = Counter()
    for name, value in after.items():
        kinds.update(_kinds(value))
        kinds.subtract(_kinds(before.get(name)))
    return +kinds


def _kinds(value: object) -> Iterator[str]:
    for text in value if isinstance(value, list) else [value]:
        if isinstance(text, str):
            yield from (KIND.match(mark).group(1) for mark in IS_PLACEHOLDER.findall(text))  # type: ignore[union-attr]  # it is one


def _unequal(before: Values, after: Values) -> Values:
    return {name: value for name, value in after.items() if before.get(name) != value}


def _redacted(value: Any, form: TextForm | None, clean: Clean) -> Any:
    if isinstance(value, list):
        return [_redacted(one, form, clean) if isinstance(one, str) else one for one in value]
    if form is TextForm.JSON:
        return _in_json(value, clean)
    if form is TextForm.PRODUCT_VERSION:
        # Together the two may look like an e-mail address.
        product, joint, version = value.partition("@")
        return f"{clean(product)}{joint}{clean(version)}"
    return clean(value)


def _in_json(text: str, clean: Clean) -> str:
    try:
        content = json.loads(text)
    except ValueError:
        return clean(text)
    changed = _in_value(content, clean)
    return text if changed == content else json.dumps(changed, sort_keys=True, ensure_ascii=False)


def _in_value(value: Any, clean: Clean) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_in_value(one, clean) for one in value]
    if isinstance(value, dict):
        return {name: _in_value(one, clean) for name, one in value.items()}
    return value


def _cleaned(fingerprint: Fingerprint, clean: Clean) -> Fingerprint:
    """The texts of a fingerprint redacted; its hashes stay, so that it is the signature it was."""
    return replace(
        fingerprint,
        title=clean(fingerprint.title),
        error_type=clean(fingerprint.error_type),
        cause=clean(fingerprint.cause),
        text=clean(fingerprint.text),
        frames=tuple(FrameKey(*map(clean, astuple(one))) for one in fingerprint.frames),
    )
