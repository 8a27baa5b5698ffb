"""Environment and occurrence facts of a Sentry event."""

from __future__ import annotations

from graph.parsing.protocol import NAME_LIMIT, size_class
from graph.parsing.sentry.shape import Event, mapping, tags, text, values

TAGGED = ("os", "runtime", "build", "database", "database_name", "database_version", "database_client")
"""Environment facts taken from tags of the same name if no context has them."""


def environment_of(event: Event) -> dict[str, str]:
    """Environment facts: from the contexts, the server name, and tags named like a fact."""
    contexts, tagged = mapping(event.get("contexts")), tags(event)
    device, app = _context(contexts, "device"), _context(contexts, "app")
    facts = {
        "os": _versioned(_context(contexts, "os")),
        "runtime": _versioned(_context(contexts, "runtime")),
        "browser": _versioned(_context(contexts, "browser")),
        "build": text(event.get("dist")) or text(app.get("app_build")),
        "host": text(event.get("server_name")),
        "memory_class": _size(device.get("memory_size")),
        "disk_class": _size(device.get("storage_size")),
        "architecture": text(device.get("arch")),
        "device": text(device.get("model")) or text(device.get("family")),
    }
    facts |= {name: tagged.get(name, "") for name in TAGGED if not facts.get(name)}
    return {name: value[:NAME_LIMIT] for name, value in facts.items() if value}


def extra_of(event: Event, error: Event) -> dict[str, str]:
    """Facts of this occurrence."""
    mechanism = mapping(error.get("mechanism"))
    handled = mechanism.get("handled")
    facts = {
        "platform": text(event.get("platform")),
        "logger": text(event.get("logger")),
        "transaction": text(event.get("transaction")),
        "mechanism": text(mechanism.get("type")),
        "handled": {True: "yes", False: "no"}.get(handled, "") if isinstance(handled, bool) else "",
        "thread": _thread(event, error),
        "fingerprint": _fingerprint(event),
    }
    return {name: value[:NAME_LIMIT] for name, value in facts.items() if value}


def _context(contexts: Event, kind: str) -> Event:
    """The context of a kind, under its own name or under another with that ``type``."""
    context = mapping(contexts.get(kind))
    return context or next((mapping(context) for context in contexts.values() if mapping(context).get("type") == kind), context)


def _versioned(context: Event) -> str:
    """Name with version if given, such as ``Debian 12.11``."""
    name = text(context.get("name")) or text(context.get("raw_description"))
    return f"{name} {text(context.get('version')) or text(context.get('kernel_version'))}".strip()


def _size(value: object) -> str:
    size = value if isinstance(value, int) and not isinstance(value, bool) else 0
    return size_class(size) if 0 < size < 1 << 60 else ""


def _thread(event: Event, error: Event) -> str:
    """Name of the thread, else its number."""
    number = error.get("thread_id")
    threads = values(event.get("threads"))
    thread = next(
        (thread for thread in threads if thread.get("crashed") is True or (number is not None and thread.get("id") == number)),
        {},
    )
    return text(thread.get("name")) or text(thread.get("id")) or text(number)


def _fingerprint(event: Event) -> str:
    """The sender's own fingerprint, unless it is the default alone."""
    fingerprint = event.get("fingerprint")
    parts = [text(part) for part in fingerprint] if isinstance(fingerprint, list) else []
    return "" if parts in (["{{ default }}"], ["{{default}}"]) else " | ".join(part for part in parts if part)
