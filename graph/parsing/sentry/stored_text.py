"""What is kept of an event that came by the Sentry protocol: a text that people can read and the parser reads again.

Breadcrumbs, requests, variables, loaded modules and the code around a line are left out: they say little about the fault
and much about people. So are id, time and user, which are kept beside the text, so that one fault sends one text again
and again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from graph.parsing.sentry.shape import Event, exceptions_of, mapping, tags, text, values

PLAIN = (
    "platform",
    "type",
    "level",
    "logger",
    "transaction",
    "release",
    "dist",
    "environment",
    "server_name",
    "message",
    "fingerprint",
)
CONTEXTS: Mapping[str, tuple[str, ...]] = {
    "os": ("name", "version", "kernel_version", "raw_description"),
    "runtime": ("name", "version", "raw_description"),
    "browser": ("name", "version"),
    "device": ("memory_size", "storage_size", "arch", "model", "family"),
    "app": ("app_name", "app_version", "app_build"),
}
EXCEPTION = ("type", "value", "module", "thread_id", "mechanism")
THREAD = ("id", "name", "crashed", "current")
MECHANISM = ("type", "handled", "synthetic", "source", "exception_id", "parent_id", "is_exception_group")
FRAME = ("platform", "module", "package", "abs_path", "function", "raw_function", "lineno", "colno", "in_app")
ADDRESSES = ("instruction_addr", "image_addr")
LINE_LIMIT = 200
"""Characters of a line of code that are kept; minified code has lines of a megabyte."""


def kept_text(event: Event) -> str:
    """The event as JSON, a line for each frame."""
    plain = {name: event[name] for name in PLAIN if event.get(name)}
    if event.get("logentry"):
        entry = mapping(event["logentry"])
        plain["logentry"] = {name: entry[name] for name in ("message", "formatted") if name in entry} or event["logentry"]
    contexts = {name: kept for name in CONTEXTS if (kept := _context(event, name))}
    lines = [f"{_json(name)}: {_json(value)}" for name, value in plain.items()]
    lines += [f'"contexts": {_json(contexts)}'] if contexts else []
    lines += [f'"tags": {_json(found)}'] if (found := tags(event)) else []
    lines += [_stacks("exception", exceptions_of(event), EXCEPTION)] if exceptions_of(event) else []
    threads = [one for one in values(event.get("threads")) if _matters(event, one)]
    lines += [_stacks("threads", threads, THREAD)] if threads else []
    lines += [f'"stacktrace": {_stacktrace(event)}'] if event.get("stacktrace") else []
    return "{" + ",\n ".join(['"event_id": ""', *lines]) + "}\n"


def _context(event: Event, name: str) -> Event:
    context = mapping(mapping(event.get("contexts")).get(name))
    return {fact: context[fact] for fact in CONTEXTS[name] if context.get(fact)}


def _matters(event: Event, thread: Event) -> bool:
    """Of the threads, those that crashed or raised; the only one too."""
    raised = {text(one.get("thread_id")) for one in exceptions_of(event)}
    only = len(values(event.get("threads"))) == 1
    return only or thread.get("crashed") is True or text(thread.get("id")) in raised - {""}


def _stacks(name: str, listed: list[Event], kept: tuple[str, ...]) -> str:
    parts = ",\n  ".join(_stack(one, kept) for one in listed)
    return f'"{name}": {{"values": [\n  {parts}]}}'


def _stack(one: Event, kept: tuple[str, ...]) -> str:
    facts = {name: one[name] for name in kept if one.get(name) is not None}
    if "mechanism" in facts:
        mechanism = mapping(facts["mechanism"])
        facts["mechanism"] = {name: mechanism[name] for name in MECHANISM if mechanism.get(name) is not None}
    written = [f"{_json(name)}: {_json(value)}" for name, value in facts.items()]
    return "{" + ", ".join([*written, f'"stacktrace": {_stacktrace(one)}']) + "}"


def _stacktrace(one: Event) -> str:
    frames = values(mapping(one.get("stacktrace")).get("frames"))
    return '{"frames": [' + ",".join(f"\n   {_json(dict(_frame(frame)))}" for frame in frames) + "]}" if frames else "null"


def _frame(frame: Event) -> Iterator[tuple[str, object]]:
    file = frame.get("abs_path") or frame.get("filename")
    for name in FRAME if frame.get("function") else (*FRAME, *ADDRESSES):
        value = file if name == "abs_path" else frame.get(name)
        if value is not None:
            yield name, value
    if line := text(frame.get("context_line"))[:LINE_LIMIT]:
        yield "context_line", line


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
