"""JavaScript frames as consoles of browsers and test runners print them, without ``at`` and without ``@``.

``f http://host/a.js:3`` is Firefox's console, ``f @ a.js:3`` Chrome's, ``❯ f src/a.ts:3:9`` a test runner's. They count only
below the line that names an error.
"""

from __future__ import annotations

import re

from graph.parsing.javascript.frames import ANONYMOUS, JavascriptFrame, build_frame, wasm_name

FIREFOX = re.compile(
    r"[ \t]{1,40}(?:([^\s:][^\n:]{0,200}?) )?((?:https?|file|resource|moz-extension|webpack|webpack-internal|blob|app)"
    r"://?[^\s()]{0,1000}/[^\s()/]{0,500}?):(0x[0-9a-f]{1,16}|\d{1,9})(?::(\d{1,9}))?$"
)
CHROME = re.compile(r"[ \t]{0,40}(\S[^\n@]{0,200}?)[ \t]{1,4}@[ \t]{1,4}([^\s()]{1,500}?|\(index\)):(\d{1,9})$")
RUNNER = re.compile(r"[ \t]{0,40}❯ (?:(\S[^\n]{0,200}?) )?([^\s()]{1,500}?):(\d{1,9}):(\d{1,9})$")
UNNAMED = ("(anonymous)", "(匿名)")
MARK = re.compile(r"❯ | @ | (?:https?|file|resource|moz-extension|webpack(?:-internal)?|blob|app)://?")


def console_frame(line: str) -> JavascriptFrame | None:
    """Parse the frame in a line, or return ``None``."""
    match = FIREFOX.match(line) or CHROME.match(line) or RUNNER.match(line)
    if not match:
        return None
    name = (match[1] or ANONYMOUS).rpartition("/")[2] if match.re is FIREFOX else match[1] or ANONYMOUS
    name = ANONYMOUS if name in UNNAMED else name
    column = int(match[4]) if match.re is not CHROME and match[4] else None
    if match[3].startswith("0x"):
        return JavascriptFrame(build_frame(wasm_name(name, match[2]), match[2], None))
    return JavascriptFrame(build_frame(name, match[2], int(match[3])), column)
