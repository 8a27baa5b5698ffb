"""What of a report is the same each time the same bug strikes.

Addresses, ids, numbers, dates, paths and generated names vary from crash to crash or from build to build; they are
replaced or cut before anything is hashed or compared. Every step carries a hint that says what it did, so that
:mod:`graph.fingerprint.explain` can tell which part of a report counted, and why.

A step that changes changes hashes. It then gets a new version here: a date, and a number when there are several in a day. The
version is hashed along and stored with each signature, and a test compares the hashes of known reports with those of the
newest version, so a change without one does not go unseen.
"""

from __future__ import annotations

from dataclasses import dataclass

from graph.fingerprint.normalisation.message import normalise_message
from graph.fingerprint.normalisation.noise import is_noise, telling
from graph.fingerprint.normalisation.stack import FrameKey, NormalisedStack, frame_key, normalise_stack
from graph.fingerprint.normalisation.symbol import normalise_symbol
from graph.fingerprint.normalisation.words import tokens, words

__all__ = [
    "CHANGELOG",
    "VERSION",
    "FrameKey",
    "NormalisationVersion",
    "NormalisedStack",
    "frame_key",
    "is_noise",
    "normalise_message",
    "normalise_stack",
    "normalise_symbol",
    "telling",
    "tokens",
    "words",
]


@dataclass(frozen=True, slots=True)
class NormalisationVersion:
    """One version and what it brought."""

    version: str
    what: tuple[str, ...]


CHANGELOG = (
    NormalisationVersion(
        "2026-11-21.2",
        (
            "messages: e-mail, IP and MAC addresses, file URLs, object references and generated class names are replaced",
            "messages: quoted and long ids, and dates in many more layouts, are replaced",
            "names: what compilers and frameworks make up is the same from build to build, in some fifteen languages",
            "names: template arguments, build suffixes, versions of libraries, offsets and the folder of a path are cut",
            "names: only numbers of four digits and more are replaced, so that sha256 and sha512 stay apart",
            "stacks: recursion through up to eight functions is folded",
            "stacks: frames of Python's comprehensions are left out; inlined frames count for `exact`, not for `structural`",
        ),
    ),
    NormalisationVersion("2026-11-21", ("first version",)),
)
"""All versions, newest first."""

VERSION = CHANGELOG[0].version
"""The version in use."""
