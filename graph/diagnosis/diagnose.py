"""What kind of error a report tells of, by the categories of ``rules/taxonomy.yaml``.

A rule that looks at more of an error is believed before one that looks at less: names of types with a message, names of
types, expressions on types with and without a message, messages, names of types that are general, frames, and last the
weak rules, which only say that somebody raised an error. ``priority`` lifts a rule above all of a lower one; of equal
rules the earlier in the file wins.

Confidence is that of the rule, by what it looks at: 0.95 a type's name and more, 0.9 a type's name, 0.85 and 0.8 an
expression on the type with and without more, 0.7 a message, 0.6 a general name, 0.5 a frame, 0.3 a weak rule. An error that
says little by itself is diagnosed by the innermost of its causes that says more, at nine tenths of that confidence.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from graph.diagnosis.taxonomy import Category, Taxonomy, TaxonomyRule, taxonomy
from graph.fingerprint.normalisation import normalise_symbol
from graph.model.report import ParsedReport, StackFrame

LOOKED_AT = 2_000
"""Characters of a message, from its beginning, that rules look at."""
NAMED_WITHIN = 500
"""Characters of a message within which the name of a cluster is looked for."""
TYPE_LIMIT = 300
FRAMES_LOOKED_AT = 12
KEY_LIMIT = 100
BY_CAUSE = 0.9

_SPACE = re.compile(r"\s+")
_NUMBER = re.compile(r"\$[0-9]{1,4}$")
_LAST_NAME = re.compile(r"[^.:\\/$]+$")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What kind of error it is, and what to do.

    ``cluster_id`` is the code and, behind a colon, what sets errors of one category apart, such as the missing module.
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
    """The diagnosis of a report; ``None`` when no rule speaks about it."""
    known = taxonomy()
    found = match(report.format, report.error_type, report.message, report.frames)
    error_type, message, confidence = report.error_type, report.message, found.confidence if found else 0.0
    if found is None or found.weak:
        for cause in reversed(report.causes):
            deeper = match(report.format, cause.error_type, cause.message, cause.frames) if cause.relation == "cause" else None
            if deeper is not None and not deeper.weak:
                found, error_type, message = deeper, cause.error_type, cause.message
                confidence = round(deeper.confidence * BY_CAUSE, 4)
                break
    if found is None:
        return None
    category = known.categories[found.code]
    return _diagnosis(known, category, cluster_key(category, error_type, message, report.culprit), confidence)


def recalled(error_code: str | None, cluster_id: str | None, confidence: float | None) -> Diagnosis | None:
    """The diagnosis that was stored with a crash or a pattern; ``None`` for none.

    What the taxonomy says of the code is as of now; a code that it no longer has keeps its family.
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
    found = recalled(category.code, cluster_id, confidence)
    assert found is not None
    assert category.family in known.families
    return found


def match(format: str, error_type: str, message: str, frames: Sequence[StackFrame]) -> TaxonomyRule | None:
    """The rule that decides about an error."""
    message = message[:LOOKED_AT]
    for rule in _candidates(format, error_type[:TYPE_LIMIT]):
        if rule.message is not None and rule.message.search(message) is None:
            continue
        if rule.frames is not None and not any(rule.frames.search(one.qualified) for one in frames[:FRAMES_LOOKED_AT]):
            continue
        return rule
    return None


def cluster_key(category: Category, error_type: str, message: str, culprit: StackFrame | None) -> str:
    """What sets this error apart within its category; empty when nothing does."""
    start = message[:NAMED_WITHIN]
    for expression in category.cluster:
        if (found := expression.search(start)) and (named := next(filter(None, found.groups()), "")):
            return _short(named)
    if category.fallback != "type" and culprit is not None:
        if category.fallback == "module" and culprit.module:
            return _short(normalise_symbol(culprit.module))
        return _short(normalise_symbol(culprit.function))
    return _short(last_name(error_type))


def last_name(error_type: str) -> str:
    """The name of a type without its packages: ``NullPointerException``; kinds of several words stay whole."""
    if " " in error_type:
        return error_type
    found = _LAST_NAME.search(_NUMBER.sub("", error_type))
    return found[0] if found else error_type


def _short(key: str) -> str:
    return _SPACE.sub(" ", key).strip()[:KEY_LIMIT]


@lru_cache(maxsize=4_096)
def _candidates(format: str, error_type: str) -> tuple[TaxonomyRule, ...]:
    """The rules that may decide about errors of this type, in the order in which they are believed."""
    named, others = _rules()
    found = [*named.get(error_type.lower(), ()), *named.get(last_name(error_type).lower(), ())]
    plain = _NUMBER.sub("", error_type)
    found += [rule for rule in others if rule.type is None or rule.type.search(plain)]
    fitting = {rule.place: rule for rule in found if not rule.formats or format in rule.formats}.values()
    return tuple(_until_sure(sorted(fitting, key=lambda rule: (-rule.priority, -rule.confidence, rule.place))))


def _until_sure(rules: Iterable[TaxonomyRule]) -> Iterable[TaxonomyRule]:
    """The rules up to the first that decides whatever message and frames are."""
    for rule in rules:
        yield rule
        if rule.message is None and rule.frames is None:
            return


@lru_cache(maxsize=1)
def _rules() -> tuple[dict[str, list[TaxonomyRule]], list[TaxonomyRule]]:
    """The rules by the names of types they list, and all others."""
    named: dict[str, list[TaxonomyRule]] = defaultdict(list)
    others = []
    for category in taxonomy().categories.values():
        for rule in category.rules:
            for name in rule.types:
                named[name].append(rule)
            if not rule.types:
                others.append(rule)
    return dict(named), others
