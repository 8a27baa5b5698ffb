"""Clients of the last release keep working: what breaks them was deprecated before, or reviewed with a reason."""

from __future__ import annotations

import subprocess
import sys

import pytest
from graphql import build_schema

from schema.build import sdl
from schema.changes import RELEASED, accepted_changes, changes, changes_since_release, deprecated_members
from tools.release_schema import without_entries

OLD = """
enum State { OPEN CLOSED @deprecated(reason: "gone") }
input Filter { state: State, words: String = "a" }
interface Named { name: String }
type Crash implements Named { name: String, title: String, old: Old @deprecated(reason: "use title") }
type Old { text: String }
type Query {
  crash(id: ID, filter: Filter): Crash
  count(days: Int = 3): Int!
  former(id: ID): Int @deprecated(reason: "use count")
}
"""
PLANTED = {
    "Field Crash.title was removed.": ("title: String, ", ""),
    "Field Query.count changed type from Int! to Int.": ("): Int!", "): Int"),
    "Argument Query.count(days:) has changed type from Int to Int!.": ("days: Int = 3", "days: Int!"),
    "Query.count(days:) has changed defaultValue from 3 to 4.": ("days: Int = 3", "days: Int = 4"),
    'Filter.words has changed defaultValue from "a" to "b".': ('words: String = "a"', 'words: String = "b"'),
    "A required argument Query.crash(key:) was added.": ("crash(id: ID,", "crash(id: ID, key: ID!,"),
    "A required field Filter.key was added.": ("input Filter {", "input Filter { key: ID!"),
    "Argument Query.crash(id:) was removed.": ("crash(id: ID, ", "crash("),
    "Enum value State.OPEN was removed.": ("{ OPEN", "{ BEGUN"),
    "Crash no longer implements interface Named.": (" implements Named", ""),
    "Crash changed from an Object type to an Interface type.": ("type Crash implements Named", "interface Crash"),
}
"""Sentences by the part of the old schema and what takes its place."""
NOT_DEPRECATED = {
    "Field Crash.title was removed.": ["Crash.title"],
    "Argument Query.crash(id:) was removed.": ["Query.crash(id:)"],
    "Enum value State.OPEN was removed.": ["State.OPEN"],
}


def test_this_schema_breaks_no_client_of_the_last_release_without_a_reason() -> None:
    assert changes_since_release(sdl()).faults(accepted_changes()) == []


@pytest.mark.parametrize(("sentence", "edit"), PLANTED.items(), ids=PLANTED)
def test_a_breaking_change_needs_a_reason(sentence: str, edit: tuple[str, str]) -> None:
    assert edit[0] in OLD
    found = changes(OLD, OLD.replace(*edit))
    assert sentence in found.breaking
    assert any(sentence in fault for fault in found.faults({}))
    reasons = dict.fromkeys(found.breaking, "the reason")
    removed = [fault for fault in found.faults(reasons) if "not deprecated" in fault]
    assert [fault.split()[0] for fault in removed] == NOT_DEPRECATED.get(sentence, [])
    assert found.faults(reasons) == removed


def test_what_was_deprecated_may_go_with_a_reason() -> None:
    new = OLD.replace(', old: Old @deprecated(reason: "use title")', "").replace("type Old { text: String }\n", "")
    new = new.replace(' CLOSED @deprecated(reason: "gone")', "")
    new = new.replace('  former(id: ID): Int @deprecated(reason: "use count")\n', "")
    found = changes(OLD, new)
    assert {"Field Crash.old was removed.", "Old was removed.", "Field Query.former was removed."} <= set(found.breaking)
    assert found.removed == ()
    assert found.faults(dict.fromkeys(found.breaking, "deprecated in the last release")) == []


def test_what_is_deprecated_is_named_with_its_reason() -> None:
    assert deprecated_members(OLD) == {"Crash.old": "use title", "Query.former": "use count", "State.CLOSED": "gone"}


def test_additions_need_no_reason() -> None:
    new = OLD.replace("title: String", "title: String, more: Int").replace("{ OPEN", "{ OPEN LATE")
    found = changes(OLD, new)
    assert (found.breaking, found.removed) == ((), ())
    assert found.other == ("Enum value State.LATE was added.",)


def test_a_list_with_an_empty_reason_or_a_change_that_is_none_is_refused() -> None:
    new = OLD.replace("): Int!", "): Int")
    (sentence,) = changes(OLD, new).breaking
    assert changes(OLD, new).faults({sentence: " "})
    assert changes(OLD, new).faults({sentence: "the reason", "Field Query.none was removed.": "the reason"})


def test_the_command_prints_no_fault() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "crashgraph", "schema", "changes"], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "deprecated: Subscription.events: use event" in done.stdout.splitlines()


def test_the_kept_schema_is_whole() -> None:
    kept = build_schema(RELEASED.read_text(encoding="utf-8"))
    assert kept.query_type
    assert kept.mutation_type
    assert kept.subscription_type


def test_a_release_empties_the_list_and_keeps_its_explanation() -> None:
    text = '# How.\n#\n# [[accepted]]\n\n[[accepted]]\nchange = "a"\nreason = "b"\n'
    assert without_entries(text) == "# How.\n#\n# [[accepted]]\n"
