"""Every language with its variants and near-misses."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from tools.variants import managed, native
from tools.variants.bug import Bug, Occurrence, make_bug, with_other_everything, with_other_function, with_other_path

Print: TypeAlias = Callable[[Bug, Occurrence], str]


@dataclass(frozen=True, slots=True)
class Language:
    """How one language prints a crash, alone and under a wrapper."""

    name: str
    plain: Print
    wrapped: Print | None = None


LANGUAGES = (
    Language("python", managed.python, managed.python_wrapped),
    Language("java", managed.java, managed.java_wrapped),
    Language("android", managed.android_wrapped),
    Language("dotnet", managed.dotnet, managed.dotnet_wrapped),
    Language("javascript", managed.javascript, managed.javascript_wrapped),
    Language("ruby", managed.ruby),
    Language("php", managed.php),
    Language("dart", managed.dart),
    Language("elixir", managed.elixir),
    Language("go", native.go),
    Language("rust", native.rust),
    Language("asan", native.asan),
    Language("gdb", native.gdb),
    Language("kernel", native.kernel),
    Language("apple", native.apple),
)


@dataclass(frozen=True, slots=True)
class Trial:
    """A text that is printed by the bug with index ``bug`` (``same``), or by a near-miss of it."""

    bug: int
    kind: str
    same: bool
    text: str


FIRST = Occurrence()
OTHERS: Mapping[str, Occurrence] = {
    "other addresses": replace(FIRST, seed=2),
    "later release": replace(FIRST, shift=3),
    "other user data": replace(FIRST, user="ravi", number=90210),
    "other thread": replace(FIRST, thread="pool-7-thread-12"),
    "all at once": Occurrence(seed=9, shift=11, user="ingrid", number=815, thread="http-nio-8080-exec-3"),
}
CARRIED = replace(FIRST, seed=2, shift=3)
STAMP = "2026-03-05T10:15:22"


def _colours(text: str) -> str:
    return "".join(f"\x1b[31m{line}\x1b[0m\n" for line in text.splitlines())


def _each(form: Callable[[int, str], str]) -> Callable[[str], str]:
    return lambda text: "".join(f"{form(number, line)}\n" for number, line in enumerate(text.splitlines()))


CARRIERS: Mapping[str, Callable[[str], str]] = {
    "colours": _colours,
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "record above": lambda text: f"{STAMP} ERROR shop.web - request failed\n{text}",
    "kubectl timestamps": _each(lambda number, line: f"{STAMP}.{123456000 + number:09}Z {line}"),
    "container runtime": _each(lambda number, line: f"{STAMP}.{str(123456100 + number).rstrip('0')}Z stderr F {line}"),
    "container JSON": _each(
        lambda number, line: json.dumps({"log": line + "\n", "stream": "stderr", "time": f"{STAMP}.{number:09}Z"})
    ),
    "compose": _each(lambda _, line: f"shop-1  | {line}"),
    "journal": _each(lambda _, line: f"Mar 05 10:15:22 mill shop[771]: {line}"),
    "syslog, escaped": lambda text: (
        "Mar  5 10:15:22 mill shop[771]: " + text.rstrip("\n").replace("\n", "#012").replace("\t", "#011")
    ),
    "quoted mail": _each(lambda _, line: f"> {line}"),
}


def first_crash(language: Language, bug: Bug) -> str:
    """The text by which a bug becomes known."""
    return language.plain(bug, FIRST)


def bugs_of(language: Language, count: int, seed: str = "") -> list[Bug]:
    """The bugs of a language."""
    return [make_bug(f"{seed} {language.name} {number}") for number in range(count)]


def trials(language: Language, number: int, bug: Bug) -> Iterator[Trial]:
    """All variants and near-misses of a bug."""
    for kind, occurrence in OTHERS.items():
        yield Trial(number, kind, True, language.plain(bug, occurrence))
    later = OTHERS["other user data"]
    for kind, carry in CARRIERS.items():
        yield Trial(number, kind, True, carry(language.plain(bug, CARRIED)))
    seed = f"{language.name} {number} near"
    near = {
        "same message, other path": with_other_path(bug, seed),
        "other function of the module": with_other_function(bug, seed),
        "same type, other bug": with_other_everything(bug, seed),
    }
    for kind, other in near.items():
        yield Trial(number, kind, False, language.plain(other, later))
    if language.wrapped:
        yield Trial(number, "under a wrapper", True, language.wrapped(bug, later))
        yield Trial(number, "same wrapper, other bug", False, language.wrapped(near["same type, other bug"], later))
