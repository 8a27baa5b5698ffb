"""Normalisation: reduce a report to what is the same each time a bug occurs.

Addresses, ids, numbers, dates, paths and generated names vary from crash to crash or from build to build; they are
replaced or cut before anything is hashed or compared. Every step has a hint that describes it, which
:mod:`graph.fingerprint.explain` reports.

Changing a step changes hashes and needs a new version here: a date, with a number for several on one day. The version is
part of the hash and stored with each signature; a test compares hashes of known reports with those of the newest version.
"""

from __future__ import annotations

from dataclasses import dataclass

from graph.fingerprint.normalisation.message import normalise_message
from graph.fingerprint.normalisation.noise import informative_frames, is_noise
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
    "informative_frames",
    "is_noise",
    "normalise_message",
    "normalise_stack",
    "normalise_symbol",
    "tokens",
    "words",
]


@dataclass(frozen=True, slots=True)
class NormalisationVersion:
    """One version and its changes."""

    version: str
    changes: tuple[str, ...]


CHANGELOG = (
    NormalisationVersion(
        "2026-11-30",
        (
            "chains: the fault of a chain of exceptions counts (the innermost cause, a member of a group), not its wrappers",
            "names: closures, lambdas, local functions and state machines are a part of the method around them",
            "names: proxies, generated subclasses and mocks are read as the class that they stand for",
            "names: more of what frameworks generate, such as compiled templates, containers and anonymous classes of PHP",
            "stacks: generated frames that only pass a call on are left out, and proxies with their interceptors",
            "chains: the stack of a fault is completed by the frames that only its wrappers list",
            "names: a frame without a symbol is known by its module and its offset in it",
        ),
    ),
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
