"""Texts of fixed sets, each with its meaning: what a property that declares ``values`` may hold.

The graph holds the value (``critical``), GraphQL shows the name (``CRITICAL``), and the reference pages both with the meaning.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Choice(StrEnum):
    """A text of a fixed set. The docstring of a set is its description."""

    _value_: str
    meaning: str

    def __new__(cls, value: str, meaning: str = "") -> Self:
        """A member with a meaning."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    @classmethod
    def values(cls) -> tuple[str, ...]:
        """The texts, in the order of their declaration."""
        return tuple(one.value for one in cls)


class Severity(Choice):
    """How bad a crash is; worst first."""

    CRITICAL = "critical", "The program or its data are lost."
    HIGH = "high", "A feature does not work."
    MEDIUM = "medium", "A feature works in part, or there is a way around."
    LOW = "low", "A nuisance."


class CrashStatus(Choice):
    """What became of a report that is stored."""

    MATCHED = "matched", "It was parsed, and belongs to a pattern."
    UNPARSED = "unparsed", "It could not be parsed; the reason is stored."
    MUTED = "muted", "Reserved."


class ReceiptStatus(Choice):
    """What became of a report that was sent."""

    MATCHED = "matched", "It belongs to a pattern."
    UNPARSED = "unparsed", "It could not be parsed, and is stored all the same."
    QUEUED = "queued", "It is safe on disk, and not in the graph yet."


class PatternStatus(Choice):
    """What people decided about a pattern."""

    OPEN = "open", "It is to be fixed."
    RESOLVED = "resolved", "It is fixed, from a version on if one is stated."
    IGNORED = "ignored", "It is not to be fixed; further crashes do not reopen it."
    REGRESSED = "regressed", "It occurred again although it was resolved."
    MERGED = "merged", "It became part of another pattern."


class SolutionKind(Choice):
    """What a solution changes."""

    CODE = "code", "The program."
    CONFIGURATION = "configuration", "Its configuration or data."
    WORKAROUND = "workaround", "What users do."
    PREVENTION = "prevention", "What keeps such errors from being made."


class Trust(Choice):
    """Trust by origin, least first."""

    LEARNED = "learned", "From a program."
    SUGGESTED = "suggested", "From a person who has not checked it."
    VALIDATED = "validated", "From a person who checked it."
    PROVEN = "proven", "Crashes stopped for good where it was applied."


class ValidationVerdict(Choice):
    """Whether a crash is in the right pattern."""

    CORRECT = "correct", "It belongs to its pattern."
    WRONG = "wrong", "It belongs elsewhere."


class MatchStrategy(Choice):
    """The stage of the cascade that placed a signature, surest first."""

    VERDICT = "verdict", "A person decided it."
    EXACT = "exact", "The signature is known."
    STRUCTURAL = "structural", "The error type and functions are known."
    SEMANTIC = "semantic", "The texts mean nearly the same."
    FUZZY = "fuzzy", "The texts share rare words."
    NEW = "new", "It founded a pattern."


class RunState(Choice):
    """How far a run is."""

    REQUESTED = "requested", "It waits for a worker, or for its next attempt."
    RUNNING = "running", "A worker carries it out."
    SUCCEEDED = "succeeded", "Its results are in the graph."
    FAILED = "failed", "It ended with an error."
    CANCELLED = "cancelled", "It was cancelled on request."
    SUPERSEDED = "superseded", "Another run of the job published first."


class RunTrigger(Choice):
    """Why a run began."""

    SCHEDULE = "schedule", "It was due."
    REQUEST = "request", "It was asked for."
    AFTER_INGEST = "after_ingest", "New crashes were stored."
    COMMAND = "command", "A command ran it in its own process."


class VerdictKind(Choice):
    """What a person decided about signatures and patterns."""

    SAME = "same", "Two subjects are one bug."
    DIFFERENT = "different", "Two subjects are different bugs."
    MERGE = "merge", "Patterns are one bug."
    SPLIT = "split", "Signatures leave a pattern."
    MOVE = "move", "A signature belongs to another pattern."
    NOT_CAUSED_BY = "not_caused_by", "One pattern does not cause another."
    UNDO = "undo", "Another verdict is undone."
    REPROCESS = "reprocess", "New fingerprints left a pattern empty; no person decided that."


class ChangeType(Choice):
    """What a step in the history of a pattern is."""

    NEW_SOLUTION = "new_solution", "A solution was recorded."
    PATTERN_UPDATE = "pattern_update", "A validation changed it."
    MERGE = "merge", "Patterns were merged."
    SPLIT = "split", "Signatures left it."
    VERDICT = "verdict", "Another verdict changed it."
    UNDO = "undo", "A verdict was undone."
    REPROCESS = "reprocess", "New fingerprints moved its signatures."
    STATUS = "status", "Its status changed."
    DRIFT = "drift", "It evolved with a version."


class CauseState(Choice):
    """Whether later data support a cause."""

    CANDIDATE = "candidate", "They do not support it yet."
    SUPPORTED = "supported", "They support it."
    REFUTED = "refuted", "They contradict it."


class EvolutionKind(Choice):
    """How a newer pattern came from an older one."""

    MOVED = "moved", "The same code is elsewhere."
    RENAMED = "renamed", "The same code has another name."
    SPLIT = "split", "One became several."
    MERGED = "merged", "Several became one."
    RE_INTRODUCED = "re-introduced", "It returned after versions without it."
    CHANGED = "changed", "Anything else."


class CountedUnit(Choice):
    """What a correlation counts, each once per pattern."""

    SITE = "site", "Sites."
    USER = "user", "Users."
    EPISODE = "episode", "Episodes at the place."


class CommunityMethod(Choice):
    """How a community was found."""

    TIES = "ties", "Its patterns are joined by derived relationships."
    TEXTS = "texts", "They are joined by similar texts alone."


class ConsumerState(Choice):
    """What a consumer does."""

    RUNNING = "running", "A worker runs it."
    WAITING = "waiting", "It failed, and waits for its next attempt."
    STOPPED = "stopped", "It does not run."


class ModelKind(Choice):
    """What a model is for."""

    MATCHING = "matching", "It ranks candidate patterns."


class ModelState(Choice):
    """Whether a version of a model is in use."""

    ACTIVE = "active", "It is in use."
    REPLACED = "replaced", "A later version replaced it."
    ROLLED_BACK = "rolled_back", "It did worse."


class Feedback(Choice):
    """How a user judged a solution."""

    HELPFUL = "helpful", "It helped."
    PARTLY = "partly", "It helped in part."
    NOT = "not", "It did not help."


class CredentialKind(Choice):
    """What a request came with."""

    SESSION = "session", "The cookie of a browser."
    TOKEN = "token", "The JWT of a program."
    KEY = "key", "An API key."


class AttributeName(Choice):
    """A fact of environments."""

    VERSION = "version", "Version of the program."
    SITE = "site", "Installation or customer site."
    BUILD = "build", "Build of the program."
    OS = "os", "Operating system."
    RUNTIME = "runtime", "Language runtime and version."
    DATABASE = "database", "Database server and version."
    DATABASE_NAME = "database_name", "Name of the database or schema."
    DATABASE_VERSION = "database_version", "Version of the application's schema on the database."
    DATABASE_CLIENT = "database_client", "Database client and version."
    HOST = "host", "Host, as reported."
    MEMORY_CLASS = "memory_class", "Memory, as a class."
    DISK_CLASS = "disk_class", "Disk, as a class."
