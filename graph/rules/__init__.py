"""Rules as text files: which frames are library code, which are never to blame, how severe an error is.

The rules are the ``*.toml`` files in this folder, described in its ``README.md``, and are loaded once per process.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from graph.model.errors import InvalidInputError

NOTHING = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class FrameRules:
    """The rules for frames of one platform.

    Names are ``module.function`` and must match as a whole; files are searched. An in-app frame at most ``near`` frames
    further out than the first candidate is blamed instead of it. Frames further out than an interrupt (``interrupt_names``)
    are those it interrupted. A frame of ``blame_names`` is blamed before all others, then the frame called by one of
    ``entry_names``.
    """

    library_names: re.Pattern[str] = NOTHING
    library_files: re.Pattern[str] = NOTHING
    skip_names: re.Pattern[str] = NOTHING
    skip_files: re.Pattern[str] = NOTHING
    near: int = 0
    interrupt_names: re.Pattern[str] = NOTHING
    blame_names: re.Pattern[str] = NOTHING
    entry_names: re.Pattern[str] = NOTHING
    glue_names: re.Pattern[str] = NOTHING
    proxy_names: re.Pattern[str] = NOTHING

    def is_library(self, name: str, file: str | None) -> bool:
        """Whether a frame is known to be library or runtime code."""
        named = self.library_names.fullmatch(name) or self.is_generated(name)
        return bool(named) or (file is not None and bool(self.library_files.search(file)))

    def is_skipped(self, name: str, file: str | None) -> bool:
        """Whether a frame is never to blame unless there is no other."""
        named = self.skip_names.fullmatch(name) or self.is_generated(name)
        return bool(named) or (file is not None and bool(self.skip_files.search(file)))

    def is_generated(self, name: str) -> bool:
        """Whether a frame is made by a compiler or a framework to call another one."""
        return bool(self.glue_names.fullmatch(name) or self.proxy_names.fullmatch(name))


@cache
def table(name: str) -> dict[str, object]:
    """The content of ``NAME.toml``, with ``_`` for a hyphen in the name; empty if there is no such file."""
    name = name.replace("-", "_")
    file = resources.files(__name__).joinpath(f"{name}.toml")
    if not name.isidentifier() or not file.is_file():
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise InvalidInputError(f"rules/{name}.toml is not valid TOML: {error}") from error


def words(name: str, key: str) -> frozenset[str]:
    """The words listed under ``key`` in ``NAME.toml``, in lower case. ``InvalidInputError`` unless it is a list of texts."""
    listed = table(name).get(key, [])
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise InvalidInputError(f"rules/{name}.toml: {key} must be a list of words.")
    return frozenset(word.lower() for word in listed)


@cache
def frame_rules(platform: str, kind: str = "") -> FrameRules:
    """The rules of ``PLATFORM.toml``; a platform without a file has no rules.

    For errors of a ``kind`` the keys of ``culprit.KIND`` apply too. ``InvalidInputError`` for an invalid key or expression.
    """
    content = table(platform)
    in_app, culprit = _section(platform, content, "in_app"), _section(platform, content, "culprit")
    generated = _section(platform, content, "generated")
    own = _section(platform, culprit, kind) if kind else {}
    near = culprit.get("near", 0)
    if not isinstance(near, int) or near < 0:
        raise InvalidInputError(f"rules/{platform}.toml: culprit.near must be a number of frames, 0 or more, not {near!r}.")
    return FrameRules(
        library_names=expression(platform, in_app, "library_names"),
        library_files=expression(platform, in_app, "library_files"),
        skip_names=expression(platform, _joined(culprit, own, "skip_names"), "skip_names"),
        skip_files=expression(platform, _joined(culprit, own, "skip_files"), "skip_files"),
        near=near,
        interrupt_names=expression(platform, own, "interrupt_names"),
        blame_names=expression(platform, own, "blame_names"),
        entry_names=expression(platform, culprit if own.get("by_entry") is True else {}, "entry_names"),
        glue_names=expression(platform, generated, "glue_names"),
        proxy_names=expression(platform, generated, "proxy_names"),
    )


def expression(file: str, section: dict[str, object], key: str) -> re.Pattern[str]:
    """The union of the expressions listed under ``key``."""
    listed = section.get(key, [])
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise InvalidInputError(f"rules/{file}.toml: {key} must be a list of regular expressions.")
    for one in listed:
        try:
            re.compile(one)
        except re.error as error:
            raise InvalidInputError(f"rules/{file}.toml: {key}: {one!r} is not a regular expression: {error}.") from error
    return (
        re.compile("|".join(f"(?i:{one[4:]})" if one.startswith("(?i)") else f"(?:{one})" for one in listed))
        if listed
        else NOTHING
    )


@cache
def named_expression(file: str, key: str) -> re.Pattern[str]:
    """The expression under ``key`` in ``FILE.toml``."""
    return expression(file, {key: [table(file).get(key)]}, key)


def _joined(every: dict[str, object], own: dict[str, object], key: str) -> dict[str, object]:
    """The lists under ``key`` for every kind of error and for one, joined.

    :func:`expression` reports a value that is not a list.
    """
    first, then = every.get(key, []), own.get(key, [])
    return {key: [*first, *then] if isinstance(first, list) and isinstance(then, list) else None}


def _section(file: str, content: dict[str, object], name: str) -> dict[str, object]:
    section = content.get(name, {})
    if not isinstance(section, dict):
        raise InvalidInputError(f"rules/{file}.toml: [{name}] must be a table.")
    return section
