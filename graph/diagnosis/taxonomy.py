"""The taxonomy of errors, loaded from ``taxonomy.yaml`` once per process."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from graph.model.errors import InvalidInputError
from graph.model.severity import SEVERITIES

FILE = "taxonomy.yaml"
FALLBACKS = ("module", "function", "type")
"""Sources of a cluster's name if no expression matches: module or function of the culprit, or the error type."""

_CODE = re.compile(r"([A-Z]{2,8})\.[A-Z][A-Z0-9_]{1,40}")
_CATEGORY_KEYS = frozenset({"code", "title", "severity", "difficulty", "hint", "rules", "cluster", "fallback", "examples"})
_RULE_KEYS = frozenset({"types", "type", "message", "frames", "formats", "priority", "general", "weak"})
_DECIDING = frozenset({"types", "type", "message", "frames"})


@dataclass(frozen=True, slots=True)
class TaxonomyRule:
    """One way to recognise a category; all given conditions must hold.

    ``types`` are whole names in lower case, ``type`` is a case-insensitive pattern searched in the error type, ``message``
    a pattern searched in the message, ``frames`` one searched in a frame's ``module.function``. ``place`` is the position among
    all rules of the file.
    """

    code: str
    place: int
    types: frozenset[str] = frozenset()
    type: re.Pattern[str] | None = None
    message: re.Pattern[str] | None = None
    frames: re.Pattern[str] | None = None
    formats: frozenset[str] = frozenset()
    priority: int = 0
    general: bool = False
    weak: bool = False

    @property
    def confidence(self) -> float:
        """Confidence of a match, by how specific the rule is, 0..1."""
        if self.weak or self.general:
            return 0.3 if self.weak else 0.6
        more = self.message is not None or self.frames is not None
        if self.types:
            return 0.95 if more else 0.9
        if self.type is not None:
            return 0.85 if more else 0.8
        return 0.7 if self.message is not None else 0.5


@dataclass(frozen=True, slots=True)
class TaxonomyExample:
    """An error that must get its category, and the name of its cluster if given."""

    error_type: str
    message: str
    cluster: str | None


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of error. ``difficulty`` is how hard it usually is to fix, 0..1; ``hint`` the first thing to do."""

    code: str
    title: str
    severity: str
    difficulty: float
    hint: str
    rules: tuple[TaxonomyRule, ...]
    cluster: tuple[re.Pattern[str], ...]
    fallback: str
    examples: tuple[TaxonomyExample, ...]

    @property
    def family(self) -> str:
        """The part of the code before the dot."""
        return self.code.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """All families (code and title) and categories, in the order of the file."""

    families: Mapping[str, str]
    categories: Mapping[str, Category]

    def of_family(self, family: str) -> list[Category]:
        """The categories of one family."""
        return [category for category in self.categories.values() if category.family == family]


@cache
def taxonomy() -> Taxonomy:
    """The taxonomy. ``InvalidInputError`` gives the category and the key that are invalid."""
    return taxonomy_of(resources.files("graph.diagnosis").joinpath(FILE).read_text(encoding="utf-8"))


def taxonomy_of(text: str) -> Taxonomy:
    """The taxonomy in a YAML text; ``InvalidInputError`` as :func:`taxonomy`."""
    content = _content(text)
    families = content.get("families")
    listed = content.get("categories")
    if not isinstance(families, dict) or not isinstance(listed, list):
        raise InvalidInputError(f"{FILE}: families must be a map of codes and titles, and categories a list.")
    numbers = iter(range(1_000_000))
    categories: dict[str, Category] = {}
    for place, entry in enumerate(listed, start=1):
        made = _category(place, entry, families, numbers)
        if made.code in categories:
            raise _wrong(made.code, "code", "is in the file twice")
        categories[made.code] = made
    if empty := [family for family in families if not any(category.family == family for category in categories.values())]:
        raise InvalidInputError(f"{FILE}: families: {', '.join(map(str, empty))} without a category.")
    return Taxonomy({str(code): str(title) for code, title in families.items()}, categories)


def _content(text: str) -> dict[str, object]:
    import yaml  # noqa: PLC0415  # loaded when the first report is diagnosed

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        content = yaml.load(text, Loader=loader)  # noqa: S506  # a safe loader, in C if available
    except yaml.YAMLError as error:
        raise InvalidInputError(f"{FILE} is not valid YAML: {error}") from error
    if not isinstance(content, dict):
        raise InvalidInputError(f"{FILE}: must have families and categories.")
    return content


def _category(place: int, entry: object, families: Mapping[object, object], numbers: Iterable[int]) -> Category:
    code = entry.get("code") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(code, str):
        raise InvalidInputError(f"{FILE}: category {place} has no code.")
    parts = _CODE.fullmatch(code)
    if parts is None or parts[1] not in families:
        raise _wrong(code, "code", "must be FAMILY.NAME in capitals, of a family that is listed")
    if unknown := sorted(set(map(str, entry)) - _CATEGORY_KEYS):
        raise _wrong(code, ", ".join(unknown), f"is not known; the keys are {', '.join(sorted(_CATEGORY_KEYS))}")
    difficulty = entry.get("difficulty")
    if isinstance(difficulty, bool) or not isinstance(difficulty, int | float) or not 0 <= difficulty <= 1:
        raise _wrong(code, "difficulty", f"must be a number from 0 to 1, not {difficulty!r}")
    return Category(
        code=code,
        title=_text(code, entry, "title"),
        severity=_word(code, entry, "severity", SEVERITIES),
        difficulty=float(difficulty),
        hint=_text(code, entry, "hint"),
        rules=tuple(_rule(code, number, rule, numbers) for number, rule in enumerate(_items(code, entry, "rules"), start=1)),
        cluster=tuple(_grouped(code, expression) for expression in entry.get("cluster") or ()),
        fallback=_word(code, {"fallback": "module", **entry}, "fallback", FALLBACKS),
        examples=tuple(_example(code, example) for example in _items(code, entry, "examples")),
    )


def _rule(code: str, number: int, entry: object, numbers: Iterable[int]) -> TaxonomyRule:
    where = f"rules, number {number}"
    if not isinstance(entry, dict) or not _DECIDING & set(entry):
        raise _wrong(code, where, f"needs one of {', '.join(sorted(_DECIDING))}")
    if unknown := sorted(set(map(str, entry)) - _RULE_KEYS):
        raise _wrong(code, where, f"{', '.join(unknown)} is not known; the keys are {', '.join(sorted(_RULE_KEYS))}")
    priority = entry.get("priority", 0)
    if isinstance(priority, bool) or not isinstance(priority, int):
        raise _wrong(code, where, f"priority must be a whole number, not {priority!r}")
    return TaxonomyRule(
        code=code,
        place=next(iter(numbers)),
        types=frozenset(name.lower() for name in _names(code, where, entry, "types")),
        type=_expression(code, where, entry, "type", re.IGNORECASE),
        message=_expression(code, where, entry, "message"),
        frames=_expression(code, where, entry, "frames"),
        formats=frozenset(_names(code, where, entry, "formats")),
        priority=priority,
        general=bool(entry.get("general", False)),
        weak=bool(entry.get("weak", False)),
    )


def _names(code: str, where: str, entry: Mapping[str, object], key: str) -> list[str]:
    listed = entry.get(key, [])
    if not isinstance(listed, list) or not all(isinstance(name, str) and name for name in listed):
        raise _wrong(code, where, f"{key} must be a list of names")
    return listed


def _expression(code: str, where: str, entry: Mapping[str, object], key: str, flags: int = 0) -> re.Pattern[str] | None:
    if key not in entry:
        return None
    return _compiled(code, f"{where}, {key}", entry[key], flags)


def _grouped(code: str, text: object) -> re.Pattern[str]:
    made = _compiled(code, "cluster", text)
    if made.groups < 1:
        raise _wrong(code, "cluster", f"{text!r} has no group ( ) for the name of the cluster")
    return made


def _compiled(code: str, where: str, text: object, flags: int = 0) -> re.Pattern[str]:
    if not isinstance(text, str) or not text:
        raise _wrong(code, where, f"must be a regular expression between single quotes, not {text!r}")
    try:
        return re.compile(text, flags)
    except re.error as error:
        raise _wrong(code, where, f"{text!r} is not a regular expression: {error}") from error


def _example(code: str, entry: object) -> TaxonomyExample:
    if not isinstance(entry, list) or len(entry) not in (2, 3) or not all(isinstance(part, str) for part in entry):
        raise _wrong(code, "examples", f"{entry!r} must be a list of error type, message and, if any, name of the cluster")
    return TaxonomyExample(entry[0], entry[1], entry[2] if len(entry) == 3 else None)


def _items(code: str, entry: Mapping[str, object], key: str) -> Sequence[object]:
    listed = entry.get(key)
    if not isinstance(listed, list) or not listed:
        raise _wrong(code, key, "must be a list with at least one entry")
    return listed


def _text(code: str, entry: Mapping[str, object], key: str) -> str:
    text = entry.get(key)
    if not isinstance(text, str) or not text.strip():
        raise _wrong(code, key, "must be a text")
    return text


def _word(code: str, entry: Mapping[str, object], key: str, known: Sequence[str]) -> str:
    word = entry.get(key)
    if word not in known:
        raise _wrong(code, key, f"must be one of {', '.join(known)}, not {word!r}")
    return str(word)


def _wrong(code: str, key: str, problem: str) -> InvalidInputError:
    return InvalidInputError(f"{FILE}: {code}: {key}: {problem}.")
