"""The text stored for an event of the Sentry protocol: readable, and parsed again by the same parser.

Breadcrumbs, requests, variables, loaded modules and source context are dropped: they contribute little to the fault and
much personal data. Event id, time and user are stored next to the text, so that one fault always yields the same text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from graph.parsing.sentry.images import is_nameless, with_locations
from graph.parsing.sentry.shape import Event, exceptions_of, mapping, tags, text, values

EVENT_FIELDS = (
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
CONTEXT_FIELDS: Mapping[str, tuple[str, ...]] = {
    "os": ("name", "version", "kernel_version", "raw_description"),
    "runtime": ("name", "version", "raw_description"),
    "browser": ("name", "version"),
    "device": ("memory_size", "storage_size", "arch", "model", "family"),
    "app": ("app_name", "app_version", "app_build"),
}
EXCEPTION_FIELDS = ("type", "value", "module", "thread_id", "mechanism")
THREAD_FIELDS = ("id", "name", "crashed", "current")
MECHANISM_FIELDS = ("type", "handled", "synthetic", "source", "exception_id", "parent_id", "is_exception_group")
FRAME_FIELDS = ("platform", "module", "package", "abs_path", "function", "raw_function", "lineno", "colno", "in_app")
ADDRESS_FIELDS = ("instruction_addr", "image_addr")
LINE_LIMIT = 200
"""Characters of a source line that are kept; minified code has lines of a megabyte."""


def stored_text(event: Event) -> str:
    """The event as JSON, one line per frame."""
    event = with_locations(event)
    fields = {name: event[name] for name in EVENT_FIELDS if event.get(name)}
    if event.get("logentry"):
        entry = mapping(event["logentry"])
        fields["logentry"] = {name: entry[name] for name in ("message", "formatted") if name in entry} or event["logentry"]
    contexts = {name: context for name in CONTEXT_FIELDS if (context := _context(event, name))}
    lines = [f"{_json(name)}: {_json(value)}" for name, value in fields.items()]
    lines += [f'"contexts": {_json(contexts)}'] if contexts else []
    lines += [f'"tags": {_json(tagged)}'] if (tagged := tags(event)) else []
    lines += [_stacks("exception", exceptions_of(event), EXCEPTION_FIELDS)] if exceptions_of(event) else []
    threads = [thread for thread in values(event.get("threads")) if _is_relevant(event, thread)]
    lines += [_stacks("threads", threads, THREAD_FIELDS)] if threads else []
    lines += [f'"stacktrace": {_stacktrace(event)}'] if event.get("stacktrace") else []
    return "{" + ",\n ".join(['"event_id": ""', *lines]) + "}\n"


def _context(event: Event, name: str) -> Event:
    context = mapping(mapping(event.get("contexts")).get(name))
    return {fact: context[fact] for fact in CONTEXT_FIELDS[name] if context.get(fact)}


def _is_relevant(event: Event, thread: Event) -> bool:
    """Whether a thread crashed, raised an exception, or is the only one."""
    raised = {text(exception.get("thread_id")) for exception in exceptions_of(event)}
    only = len(values(event.get("threads"))) == 1
    return only or thread.get("crashed") is True or text(thread.get("id")) in raised - {""}


def _stacks(name: str, entries: list[Event], fields: tuple[str, ...]) -> str:
    parts = ",\n  ".join(_stack(entry, fields) for entry in entries)
    return f'"{name}": {{"values": [\n  {parts}]}}'


def _stack(entry: Event, fields: tuple[str, ...]) -> str:
    facts = {name: entry[name] for name in fields if entry.get(name) is not None}
    if "mechanism" in facts:
        mechanism = mapping(facts["mechanism"])
        facts["mechanism"] = {name: mechanism[name] for name in MECHANISM_FIELDS if mechanism.get(name) is not None}
    written = [f"{_json(name)}: {_json(value)}" for name, value in facts.items()]
    return "{" + ", ".join([*written, f'"stacktrace": {_stacktrace(entry)}']) + "}"


def _stacktrace(entry: Event) -> str:
    frames = values(mapping(entry.get("stacktrace")).get("frames"))
    return '{"frames": [' + ",".join(f"\n   {_json(dict(_frame(frame)))}" for frame in frames) + "]}" if frames else "null"


def _frame(frame: Event) -> Iterator[tuple[str, object]]:
    file = frame.get("abs_path") or frame.get("filename")
    for name in (*FRAME_FIELDS, *ADDRESS_FIELDS) if is_nameless(text(frame.get("function"))) else FRAME_FIELDS:
        value = file if name == "abs_path" else frame.get(name)
        if value is not None:
            yield name, value
    if line := text(frame.get("context_line"))[:LINE_LIMIT]:
        yield "context_line", line


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
