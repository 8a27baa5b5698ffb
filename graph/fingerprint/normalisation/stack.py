"""Normalise stacks: fold recursion, and leave out frames that not every build lists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from graph.fingerprint.normalisation.closures import LAMBDA, method_behind
from graph.fingerprint.normalisation.noise import is_noise
from graph.fingerprint.normalisation.symbol import CACHED_LENGTH, normalise_symbol
from graph.model.bounds import bounded
from graph.model.report import StackFrame
from graph.rules import frame_rules

HASHED_FRAMES = 3
TEXT_FRAMES = 12
"""Frames in the semantic text; a dozen separates bugs better than whole stacks, as outer frames are all alike."""
STORED_FRAMES = 64
INTERCEPTORS = 60
"""Maximum number of frames between a proxy and the method that it calls."""
LONGEST_CYCLE = 8
"""Maximum number of functions in a folded recursion."""

RESUMED = "invokeSuspend"
"""Method by which Kotlin resumes a suspended function, which the frame further in is; its class is named like a closure's."""

COMPREHENSIONS = frozenset({"<listcomp>", "<dictcomp>", "<setcomp>"})
"""Frames that Python lists up to 3.11 only (PEP 709)."""

_SHORT_NAME = re.compile(r"[\w$]{1,2}(?:\.[\w$]{1,2}){0,2}")
_BUNDLE = re.compile(r"\.min\.[mc]?js|[.~_-][0-9a-f]{6,40}\.(?:chunk\.|bundle\.|min\.)?[mc]?js")


@dataclass(frozen=True, slots=True)
class FrameKey:
    """A normalised frame: ``key`` is ``module.function``."""

    key: str
    module: str
    function: str


@dataclass(frozen=True, slots=True)
class NormalisedStack:
    """A normalised stack, innermost frame first, at most :data:`STORED_FRAMES`.

    ``positions`` are the positions of its frames in the report; ``inlined`` marks those the compiler inlined.
    ``blamed`` is the index of the culprit; ``seen`` is the number of frames of the report that were read. ``generated`` are the
    positions of frames left out because they only pass a call on.
    """

    keys: tuple[FrameKey, ...]
    positions: tuple[int, ...]
    inlined: tuple[bool, ...]
    blamed: int
    seen: int
    generated: frozenset[int] = frozenset()

    @property
    def exact(self) -> tuple[int, ...]:
        """Indexes of the frames in the exact hash."""
        return tuple(range(self.blamed, min(self.blamed + HASHED_FRAMES, len(self.keys))))

    @property
    def structural(self) -> tuple[int, ...]:
        """Indexes of the frames in the structural hash, without inlined ones: another build may inline others."""
        whole = [index for index in range(self.blamed, len(self.keys)) if not self.inlined[index]][:HASHED_FRAMES]
        return tuple(whole) or self.exact

    @property
    def text(self) -> tuple[int, ...]:
        """Indexes of the frames in the semantic text, without noise if there are others."""
        whole = range(self.blamed, len(self.keys))
        kept = [index for index in whole if not is_noise(self.keys[index].key)]
        return tuple((kept or whole)[:TEXT_FRAMES])


def normalise_stack(frames: Sequence[StackFrame], culprit: StackFrame | None, platform: str = "") -> NormalisedStack:
    """The normalised stack of frames, innermost first; ``platform`` selects the rules for generated frames."""
    kept: list[FrameKey] = []
    names: list[str] = []
    positions: list[int] = []
    generated: set[int] = set()
    seen = 0
    for position, name, key in _keys(frames, platform, generated):
        inside = _inside_proxy(frames, key, kept, positions, platform) if is_proxy(platform, name) else None
        if inside is not None:
            generated.update(positions[inside:], (position,))
            del kept[inside:], names[inside:], positions[inside:]
            continue
        if frames[position].function == RESUMED and names and key.key == f"{names[-1]}.{LAMBDA}":
            generated.add(position)
            continue
        again = key.key in names[-LONGEST_CYCLE:]
        kept.append(key)
        names.append(key.key)
        positions.append(position)
        if again and (length := _cycle(names)):
            del kept[-length:], names[-length:], positions[-length:]
        seen = position + 1
        # Completing a cycle may still remove frames.
        if len(kept) == STORED_FRAMES + LONGEST_CYCLE:
            break
    else:
        seen = len(frames)
    del kept[STORED_FRAMES:]
    del positions[STORED_FRAMES:]
    inlined = tuple(frames[position].inlined for position in positions)
    blamed = _blamed(kept, positions, frames, culprit)
    return NormalisedStack(tuple(kept), tuple(positions), inlined, blamed, seen, frozenset(generated))


def _keys(frames: Sequence[StackFrame], platform: str, glue: set[int]) -> Iterator[tuple[int, str, FrameKey]]:
    """Positions, names and keys of the frames that every build and run lists; of all frames if there are no others.

    Positions of frames that only pass a call on are added to ``glue``.
    """
    listed = False
    for position, frame in enumerate(frames):
        name = frame.qualified
        if is_glue(platform, name):
            glue.add(position)
        elif frame.function not in COMPREHENSIONS:
            listed = True
            yield position, name, frame_key(frame)
    if not listed:
        glue.clear()
        yield from ((position, frame.qualified, frame_key(frame)) for position, frame in enumerate(frames))


def _inside_proxy(
    frames: Sequence[StackFrame],
    key: FrameKey,
    kept: Sequence[FrameKey],
    positions: Sequence[int],
    platform: str,
) -> int | None:
    """For the frame ``key`` of a proxy, the number of frames kept up to the method that it was called for; ``None`` if unknown.

    That method is the nearest frame of the product further in, if it has the name of the proxy's. Between both are only
    the frames of interceptors.
    """
    for index in range(len(kept) - 1, max(len(kept) - INTERCEPTORS, 0) - 1, -1):
        frame = frames[positions[index]]
        if frame.in_app is not False and not is_proxy(platform, frame.qualified):
            return index + 1 if kept[index].function == key.function else None
    return None


@lru_cache(maxsize=65_536)
def is_glue(platform: str, name: str) -> bool:
    """Whether a frame only passes a call on, by a name that differs from run to run."""
    return frame_rules(platform).glue_names.fullmatch(name) is not None


@lru_cache(maxsize=65_536)
def is_proxy(platform: str, name: str) -> bool:
    """Whether a frame is a method of a generated proxy, subclass or mock."""
    return frame_rules(platform).proxy_names.fullmatch(name) is not None


def _cycle(names: list[str]) -> int:
    """Length of the cycle that the last names repeat; 0 for none."""
    for length in range(1, min(LONGEST_CYCLE, len(names) // 2) + 1):
        if names[-1 - length] == names[-1] and names[-length:] == names[-2 * length : -length]:
            return length
    return 0


def _blamed(
    kept: Sequence[FrameKey], positions: Sequence[int], frames: Sequence[StackFrame], culprit: StackFrame | None
) -> int:
    """Index of the culprit, or of its caller if the culprit itself is left out."""
    if culprit is None:
        return 0
    wanted = frame_key(culprit)
    for index, key in enumerate(kept):
        if key.key == wanted.key and key == wanted:
            return index
    if culprit.function in COMPREHENSIONS and culprit in frames[:STORED_FRAMES]:
        place = frames.index(culprit)
        return next((index for index, position in enumerate(positions) if position > place), 0)
    return 0


def frame_key(frame: StackFrame) -> FrameKey:
    """The normalised form of a frame."""
    module, function = frame.module, frame.function
    if len(function) <= 8 and _is_minified(frame):
        function = "<minified>"
    return _key(module, function) if len(module) + len(function) <= CACHED_LENGTH else _normalised(module, function)


def frame_hint(frame: StackFrame) -> str | None:
    """The rule by which a frame's key differs from its normalised names, if any."""
    if _is_minified(frame):
        return "minified name, which differs from build to build"
    module, function = method_behind(frame.module, frame.function)
    if (module, function) != (frame.module, frame.function):
        return "closure or state machine read as the method around it"
    return None


def _is_minified(frame: StackFrame) -> bool:
    """Whether a short name is in a file written by a bundler."""
    place = frame.file or frame.module
    return (
        place.endswith("js")
        and len(frame.function) <= 8
        and _SHORT_NAME.fullmatch(frame.function) is not None
        and _BUNDLE.search(place[-200:]) is not None
    )


def _normalised(module: str, function: str) -> FrameKey:
    module, function = method_behind(module, function)
    module, function = bounded(normalise_symbol(module)), bounded(normalise_symbol(function))
    key = f"{module}.{function}" if module else function
    # An offset alone is no name: other modules have code at it as well.
    return FrameKey(key, module, key if function.startswith("+0x") else function)


_key = lru_cache(maxsize=65_536)(_normalised)
