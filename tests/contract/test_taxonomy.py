"""The taxonomy is complete, unambiguous, and agrees with its examples."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from graph.diagnosis.diagnose import diagnose
from graph.diagnosis.taxonomy import FILE, Category, TaxonomyExample, taxonomy, taxonomy_of
from graph.model.errors import InvalidInputError
from graph.model.report import ParsedReport

CATEGORIES = list(taxonomy().categories.values())
EXAMPLES = [(category, example) for category in CATEGORIES for example in category.examples]
README = Path(__file__).parents[2] / "graph" / "rules" / "README.md"

GOOD = """
families: {RES: Names}
categories:
  - code: RES.NAME
    title: A name
    severity: high
    difficulty: 0.5
    hint: Look it up.
    rules: [{types: [NameError]}]
    cluster: ["'(.+)'"]
    examples: [[NameError, "'x'", x]]
"""


def test_the_taxonomy_covers_the_required_categories() -> None:
    assert len(taxonomy().families) >= 12
    assert len(CATEGORIES) >= 40


@pytest.mark.parametrize(
    ("category", "example"), EXAMPLES, ids=[f"{category.code}-{example.error_type}" for category, example in EXAMPLES]
)
def test_every_example_gets_its_category(category: Category, example: TaxonomyExample) -> None:
    """No other category, earlier or later, matches an example first."""
    found = diagnose(ParsedReport("x", example.error_type, example.message))
    assert found is not None
    assert found.error_code == category.code
    assert found.family == category.family
    if example.cluster is not None:
        assert found.cluster_id == f"{category.code}:{example.cluster}"


def test_titles_and_hints_are_unique() -> None:
    for texts in ([one.title for one in CATEGORIES], [one.hint for one in CATEGORIES]):
        assert [text for text, times in Counter(texts).items() if times > 1] == []


@pytest.mark.parametrize("category", CATEGORIES, ids=lambda category: category.code)
def test_every_hint_is_a_sentence_to_act_on(category: Category) -> None:
    assert len(category.hint) >= 25
    assert category.hint.endswith(".")
    assert not category.title.endswith(".")


def test_a_type_name_is_unique_among_rules_without_a_message() -> None:
    """The second of two rules with the same confidence for one name would never apply."""
    named = Counter(
        (name, rule.priority, rule.general)
        for category in CATEGORIES
        for rule in category.rules
        for name in rule.types
        if rule.message is None and rule.frames is None and not rule.weak
    )
    assert sorted(name for (name, *_), times in named.items() if times > 1) == []


def test_the_readme_explains_every_key() -> None:
    text = README.read_text("utf-8")
    keys = ["code", "title", "severity", "difficulty", "hint", "rules", "cluster", "fallback", "examples"]
    keys += ["types", "type", "message", "frames", "formats", "priority", "general", "weak"]
    assert [key for key in keys if f"`{key}`" not in text] == []


def test_a_small_taxonomy_is_loaded() -> None:
    made = taxonomy_of(GOOD)
    assert list(made.categories) == ["RES.NAME"]
    assert made.families == {"RES": "Names"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("RES.NAME", "NAME", ["NAME", "code", "FAMILY.NAME"]),
        ("RES.NAME", "SYN.NAME", ["SYN.NAME", "code", "listed"]),
        ("severity: high", "severity: bad", ["RES.NAME", "severity", "'bad'", "critical"]),
        ("difficulty: 0.5", "difficulty: 5", ["RES.NAME", "difficulty", "5"]),
        ("title: A name", "titel: A name", ["RES.NAME", "titel"]),
        ("hint: Look it up.", "hint: ''", ["RES.NAME", "hint"]),
        ("[{types: [NameError]}]", "[]", ["RES.NAME", "rules"]),
        ("{types: [NameError]}", "{prio: 1}", ["RES.NAME", "rules, number 1", "types"]),
        ("{types: [NameError]}", "{types: NameError}", ["RES.NAME", "rules, number 1", "types"]),
        ("{types: [NameError]}", "{types: [NameError], kind: 1}", ["RES.NAME", "rules, number 1", "kind"]),
        ("{types: [NameError]}", "{types: [NameError], priority: yes}", ["RES.NAME", "rules, number 1", "priority"]),
        ("{types: [NameError]}", "{message: '('}", ["RES.NAME", "rules, number 1, message", "'('"]),
        ("\"'(.+)'\"", "'x'", ["RES.NAME", "cluster", "group"]),
        ("[[NameError, \"'x'\", x]]", "[[NameError]]", ["RES.NAME", "examples"]),
        ("{RES: Names}", "{RES: Names, SYN: Code}", ["families", "SYN"]),
        ("families: {RES: Names}", "families: [", ["YAML"]),
        ("\nfamilies: {RES: Names}", "", ["families"]),
    ],
)
def test_errors_give_the_category_and_the_key(old: str, new: str, expected: list[str]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        taxonomy_of(GOOD.replace(old, new))
    assert [word for word in [FILE, *expected] if word not in str(caught.value)] == []


def test_a_code_is_unique() -> None:
    twice = GOOD + GOOD.split("categories:\n")[1]
    with pytest.raises(InvalidInputError, match=r"RES\.NAME: code: is in the file twice"):
        taxonomy_of(twice)
