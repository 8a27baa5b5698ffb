"""Diagnose reports: assign the category of error, from ``taxonomy.yaml``.

More specific rules take precedence: type names with a message, type names, patterns on types with and without a message,
messages, general type names, frames, and last the weak rules, which match any raised error. A higher ``priority`` overrides
this order; of equal rules the first in the file wins.

The confidence follows from the same order: 0.95 for a type name with more, 0.9 type name, 0.85 and 0.8 pattern on the type with
and without more, 0.7 message, 0.6 general name, 0.5 frame, 0.3 weak rule. The fault of a chain is
diagnosed; if it matches a weak rule or none, the reported error, then its causes from the innermost on, at nine tenths of that
confidence.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from graph.diagnosis.taxonomy import Category, Taxonomy, TaxonomyRule, taxonomy
from graph.fingerprint.normalisation import normalise_symbol
from graph.model.report import ParsedReport, StackFrame

MESSAGE_LIMIT = 2_000
"""Characters at the beginning of a message that rules match."""
NAMED_WITHIN = 500
"""Characters at the beginning of a message that can name a cluster."""
TYPE_LIMIT = 300
FRAMES_MATCHED = 12
KEY_LIMIT = 100
BY_CAUSE = 0.9

_SPACE = re.compile(r"\s+")
_NUMBER = re.compile(r"\$[0-9]{1,4}$")
_LAST_NAME = re.compile(r"[^.:\\/$]+$")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The kind of error, and what to do.

    ``cluster_id`` is the code and, after a colon, the key of the cluster within the category, such as the missing module.
    ``difficulty`` and ``confidence`` are in 0..1, ``severity`` is ``critical``, ``high``, ``medium`` or ``low``.
    """

    error_code: str
    cluster_id: str
    family: str
    title: str
    severity: str
    difficulty: float
    hint: str
    confidence: float


def diagnose(report: ParsedReport) -> Diagnosis | None:
    """The diagnosis of a report; ``None`` if no rule matches."""
    known = taxonomy()
    weak: tuple[TaxonomyRule, str, str, float] | None = None
    for error_type, message, frames, factor in _errors(report):
        rule = match(report.format, error_type, message, frames)
        if rule is not None and not rule.weak:
            return _diagnosed(known, report, rule, error_type, message, factor)
        if rule is not None and weak is None:
            weak = rule, error_type, message, factor
    return _diagnosed(known, report, *weak) if weak else None


def _errors(report: ParsedReport) -> Iterator[tuple[str, str, Sequence[StackFrame], float]]:
    """The fault, the reported error and its causes, innermost first: type, message, frames, and factor of the confidence."""
    fault = report.fault
    yield fault.error_type, fault.message, fault.frames, 1.0
    if report.inner_fault:
        yield report.error_type, report.message, report.frames, BY_CAUSE
    for cause in reversed(report.causes):
        if cause.relation == "cause":
            yield cause.error_type, cause.message, cause.frames, BY_CAUSE


def _diagnosed(
    known: Taxonomy, report: ParsedReport, rule: TaxonomyRule, error_type: str, message: str, factor: float
) -> Diagnosis:
    category = known.categories[rule.code]
    key = cluster_key(category, error_type, message, report.culprit)
    return _diagnosis(known, category, key, round(rule.confidence * factor, 4))


def recalled(error_code: str | None, cluster_id: str | None, confidence: float | None) -> Diagnosis | None:
    """The diagnosis stored with a crash or a pattern; ``None`` without a code.

    Title, hint and severity are those of the current taxonomy; a code that was removed keeps its family.
    """
    if error_code is None:
        return None
    category = taxonomy().categories.get(error_code)
    family = error_code.partition(".")[0]
    if category is None:
        gone = "This category is no longer in the taxonomy."
        return Diagnosis(error_code, cluster_id or error_code, family, error_code, "medium", 0.5, gone, confidence or 0.0)
    return Diagnosis(
        error_code=error_code,
        cluster_id=cluster_id or error_code,
        family=family,
        title=category.title,
        severity=category.severity,
        difficulty=category.difficulty,
        hint=category.hint,
        confidence=confidence or 0.0,
    )


def _diagnosis(known: Taxonomy, category: Category, key: str, confidence: float) -> Diagnosis:
    cluster_id = f"{category.code}:{key}" if key else category.code
    diagnosis = recalled(category.code, cluster_id, confidence)
    assert diagnosis is not None
    assert category.family in known.families
    return diagnosis


def match(format: str, error_type: str, message: str, frames: Sequence[StackFrame]) -> TaxonomyRule | None:
    """The first matching rule, in order of precedence."""
    message = message[:MESSAGE_LIMIT]
    for rule in _candidates(format, error_type[:TYPE_LIMIT]):
        if rule.message is not None and rule.message.search(message) is None:
            continue
        if rule.frames is not None and not any(rule.frames.search(one.qualified) for one in frames[:FRAMES_MATCHED]):
            continue
        return rule
    return None


def cluster_key(category: Category, error_type: str, message: str, culprit: StackFrame | None) -> str:
    """The key of the cluster of an error within its category; empty for none."""
    start = message[:NAMED_WITHIN]
    for expression in category.cluster:
        if (hit := expression.search(start)) and (named := next(filter(None, hit.groups()), "")):
            return _short(named)
    if category.fallback != "type" and culprit is not None:
        if category.fallback == "module" and culprit.module:
            return _short(normalise_symbol(culprit.module))
        return _short(normalise_symbol(culprit.function))
    return _short(last_name(error_type))


def last_name(error_type: str) -> str:
    """The name of a type without its packages: ``NullPointerException``; a text of several words is returned whole."""
    if " " in error_type:
        return error_type
    name = _LAST_NAME.search(_NUMBER.sub("", error_type))
    return name[0] if name else error_type


def _short(key: str) -> str:
    return _SPACE.sub(" ", key).strip()[:KEY_LIMIT]


@lru_cache(maxsize=4_096)
def _candidates(format: str, error_type: str) -> tuple[TaxonomyRule, ...]:
    """The rules that can match errors of this type, in order of precedence."""
    named, others = _rules()
    candidates = [*named.get(error_type.lower(), ()), *named.get(last_name(error_type).lower(), ())]
    plain = _NUMBER.sub("", error_type)
    candidates += [rule for rule in others if rule.type is None or rule.type.search(plain)]
    fitting = {rule.place: rule for rule in candidates if not rule.formats or format in rule.formats}.values()
    return tuple(_until_unconditional(sorted(fitting, key=lambda rule: (-rule.priority, -rule.confidence, rule.place))))


def _until_unconditional(rules: Iterable[TaxonomyRule]) -> Iterable[TaxonomyRule]:
    """The rules up to the first that matches regardless of message and frames."""
    for rule in rules:
        yield rule
        if rule.message is None and rule.frames is None:
            return


@lru_cache(maxsize=1)
def _rules() -> tuple[dict[str, list[TaxonomyRule]], list[TaxonomyRule]]:
    """The rules by the type names they list, and all others."""
    named: dict[str, list[TaxonomyRule]] = defaultdict(list)
    others = []
    for category in taxonomy().categories.values():
        for rule in category.rules:
            for name in rule.types:
                named[name].append(rule)
            if not rule.types:
                others.append(rule)
    return dict(named), others
