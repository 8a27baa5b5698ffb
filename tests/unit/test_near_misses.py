"""Short stacks: the same type, message and entry point with another culprit is another bug, in every language."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from graph.algorithms.evidence import Rarity
from graph.fingerprint.compute import Fingerprint, fingerprint
from graph.matching.candidates import IncomingSignature, KnownSignature, Neighbours
from graph.matching.cascade import Decision, Policy, decide
from graph.matching.ranking_model import shipped_model
from graph.parsing.read import read

Text = Callable[[str, str, str, str], str]
"""A report by the culprit's file and function, the outer function, and the message."""


def python(file: str, culprit: str, outer: str, message: str) -> str:
    return (
        f'Traceback (most recent call last):\n  File "/srv/app/main.py", line 12, in {outer}\n    go()\n'
        f'  File "/srv/app/{file}.py", line 40, in {culprit}\n    x()\nValueError: {message}\n'
    )


def java(file: str, culprit: str, outer: str, message: str) -> str:
    return (
        f"java.lang.IllegalStateException: {message}\n\tat com.acme.depot.{file.title()}.{culprit}({file.title()}.java:10)\n"
        f"\tat com.acme.depot.App.{outer}(App.java:5)\n"
    )


def javascript(file: str, culprit: str, outer: str, message: str) -> str:
    return f"TypeError: {message}\n    at {culprit} (/srv/app/src/{file}.js:10:5)\n    at {outer} (/srv/app/src/index.js:3:1)\n"


def go(file: str, culprit: str, outer: str, message: str) -> str:
    return (
        f"panic: {message}\n\ngoroutine 1 [running]:\ndepot/{file}.{culprit}(0x1)\n\t/src/{file}.go:10 +0x1d\n"
        f"main.{outer}()\n\t/src/main.go:5 +0x20\nexit status 2\n"
    )


def rust(file: str, culprit: str, outer: str, message: str) -> str:
    return (
        f"thread 'main' panicked at src/{file}.rs:10:5:\n{message}\nstack backtrace:\n   0: rust_begin_unwind\n"
        f"   1: core::panicking::panic_fmt\n   2: depot::{file}::{culprit}\n             at ./src/{file}.rs:10:5\n"
        f"   3: depot::{outer}\n             at ./src/main.rs:5:5\n"
    )


def ruby(file: str, culprit: str, outer: str, message: str) -> str:
    return f"/srv/app/{file}.rb:10:in `{culprit}': {message} (RuntimeError)\n\tfrom /srv/app/main.rb:5:in `{outer}'\n"


def dotnet(file: str, culprit: str, outer: str, message: str) -> str:
    return (
        f"Unhandled exception. System.InvalidOperationException: {message}\n"
        f"   at Acme.Depot.{file.title()}.{culprit}() in /src/{file}.cs:line 10\n"
        f"   at Acme.Depot.Program.{outer}() in /src/Program.cs:line 5\n"
    )


def php(file: str, culprit: str, outer: str, message: str) -> str:
    return (
        f"PHP Fatal error:  Uncaught RuntimeException: {message} in /srv/app/{file}.php:10\nStack trace:\n"
        f"#0 /srv/app/{file}.php(20): {file.title()}->{culprit}()\n#1 /srv/app/index.php(5): {outer}()\n#2 {{main}}\n"
        f"  thrown in /srv/app/{file}.php on line 10\n"
    )


def sanitizer(file: str, culprit: str, outer: str, message: str) -> str:
    return (
        f"==7==ERROR: AddressSanitizer: {message} on address 0x602000000014 at pc 0x1 bp 0x2 sp 0x3\nREAD of size 8\n"
        f"    #0 0x55d1bf in depot::{culprit}(int) /build/{file}.cpp:31:12\n    #1 0x55d2e8 in {outer} /build/main.cpp:40:3\n\n"
        f"SUMMARY: AddressSanitizer: {message}\n"
    )


LANGUAGES: tuple[Text, ...] = (python, java, javascript, go, rust, ruby, dotnet, php, sanitizer)
MESSAGES = ("the drawer is locked", "pallet index out of range")
by_language = pytest.mark.parametrize("text", LANGUAGES, ids=lambda text: text.__name__)
by_message = pytest.mark.parametrize("message", MESSAGES)


def decided(known: str, asked: str, meaning: float) -> Decision:
    """The decision on a report in a graph with one other."""
    model = shipped_model()
    assert model is not None
    stored, incoming = _fingerprint(known), _fingerprint(asked)
    frames = tuple(frame.key for frame in stored.frames[stored.blamed :])
    near = KnownSignature(
        stored.exact, stored.structural, stored.error_type, stored.cause, frames, "p", "pattern", meaning=meaning
    )
    exact = near if stored.exact == incoming.exact else None
    signature = IncomingSignature(incoming, (0.0,) * 384)
    return decide(signature, Neighbours(exact=exact, semantic=(near,), fuzzy=(near,)), Policy(model=model), Rarity())


def _fingerprint(text: str) -> Fingerprint:
    return fingerprint(read(text).reports[0])


@by_language
@by_message
def test_another_culprit_is_another_bug(text: Text, message: str) -> None:
    decision = decided(text("crane", "lower", "main", message), text("ledger", "post_entry", "main", message), 0.85)
    assert decision.strategy == "new", decision.explanation


@by_language
@by_message
def test_the_same_culprit_by_another_path_is_the_same_bug(text: Text, message: str) -> None:
    decision = decided(text("crane", "lower", "main", message), text("crane", "lower", "handle_request", message), 0.85)
    assert decision.pattern_id == "p", decision.explanation


@by_language
def test_the_same_place_with_other_data_in_the_message_is_the_same_bug(text: Text) -> None:
    known, asked = text("crane", "lower", "main", "no drawer for amber"), text("crane", "lower", "main", "no drawer for birch")
    assert decided(known, asked, 0.9).pattern_id == "p"


@by_language
def test_functions_that_do_something_else_with_the_same_thing_are_other_bugs(text: Text) -> None:
    known, asked = (text("crane", name, "main", "the drawer is locked") for name in ("load_pallet", "weigh_pallet"))
    assert decided(known, asked, 0.97).strategy == "new"


@by_language
def test_functions_that_do_the_same_with_another_thing_may_share_a_bug(text: Text) -> None:
    known, asked = (text("crane", name, "main", "the drawer is locked") for name in ("pallet_pad_left", "pallet_pad_right"))
    assert decided(known, asked, 0.97).pattern_id == "p"


def test_two_places_without_a_symbol_are_two_bugs() -> None:
    def text(offset: int) -> str:
        frames = "".join(f"./crane(+0x{at:x})[0x55d0c0{at:06x}]\n" for at in (offset, offset + 0x3F0, 0x1090))
        return f"*** Segmentation fault\nBacktrace:\n{frames}"

    assert decided(text(0x4D10), text(0x81C0), 0.98).strategy == "new"
