"""The page to write queries in. Everything it needs is in it: it works with no outside network."""

from __future__ import annotations

import dataclasses
import json
import secrets
from functools import cache
from pathlib import Path
from string import Template

from starlette.responses import HTMLResponse

from schema.build import build_schema
from schema.examples import examples
from schema.reference import reference

FOLDER = Path(__file__).parent / "editor"


def page_response() -> HTMLResponse:
    """The page, with a nonce of its own; only what carries it may run, and only this server may be asked."""
    nonce = secrets.token_urlsafe(16)
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return HTMLResponse(_page().substitute(nonce=nonce), headers=headers)


@cache
def _page() -> Template:
    """The page with all but its nonce filled in."""
    page = Template(_read("page.html"))
    parts = {
        "style": _read("page.css"),
        "script": _read("page.js"),
        "examples": _json([dataclasses.asdict(example) for example in examples()]),
        "reference": reference(build_schema()._schema),  # noqa: SLF001  # the graphql-core schema has no other way out
    }
    return Template(page.safe_substitute({name: text.replace("$", "$$") for name, text in parts.items()}))


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _json(value: object) -> str:
    """JSON that cannot end the script element it stands in."""
    return json.dumps(value).replace("<", "\\u003c")
