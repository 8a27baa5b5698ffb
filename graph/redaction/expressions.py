"""Whether what follows a credential's name is an expression of source code, which names a value, and not the value.

An expression has a form (``next(tokens)``, ``form.password``) and a place: a line of code. Either alone proves nothing:
``a.b.c`` and ``Hunter(2)`` are good passwords.
"""

from __future__ import annotations

import re

from graph.redaction.credential_names import Strength, names_credential, strength

HOLDER = re.compile(
    r"(?:self|cls|this|os|settings|config|request|args|kwargs|options|ctx|app|env|event|params|data|result|response|user)"
    r"(?:\?\.|->|::|\.|\[|\()"
)
"""What holds values in code; nothing else begins with it."""
CHAIN = re.compile(r"[A-Za-z_$@][\w$]*(?:(?:\?\.|\.|->|::)[A-Za-z_$][\w$]*)*")
STYLED = re.compile(
    r"[a-z_$@][a-z0-9_$]*+|[A-Z_][A-Z0-9_]*+|_*+[a-z]{2,}+\d{0,3}+(?:[A-Z]{1,4}+[a-z]*+\d{0,3}+)*+|(?:[A-Z]{1,4}+[a-z]*+\d{0,3}+)++"
)
"""A name as programmers write it: words of some letters, in one case, in snake case or in camel case."""
JOINT = re.compile(r"\?\.|\.|->|::")
TYPE = re.compile(
    r"(?i)(?:optional|option|list|dict|union|sequence|array|vec|result|tuple|set|map|iterator|iterable|type|callable|literal"
    r"|final|classvar|promise|nullable|maybe)[\[<(]"
)
TEMPLATE = re.compile(r"[$#%]+(?:\{[^{}]*\}|\([^()]*\)[a-z]?)|\{{1,2}\s?[\d$]*\s?\}{1,2}")
"""A place that something else fills: ``${DB_PASSWORD}``, ``%(password)s``, ``{0}``."""
NAMED_TEMPLATE = re.compile(r"\{{1,2}\s?([A-Za-z_]\w*)(?:[.:!]\w*)?\s?\}{1,2}")
CLOSING = {"(": ")", "[": "]", "{": "}"}
LINE_LENGTH = 200
"""Characters before a name in which the beginning of its line is searched."""
INDENTED = re.compile(r"[ \t]*+(?:(?:(?:>+[ \t]*)?\d{1,6}[ \t]*[|:▶]|[>|])[ \t]+|(?<=[ \t]))")
"""What precedes a line of code below a frame: blanks, or a number and a bar."""
DECLARED = re.compile(r"\b(?:const|let|var|val|final|auto|return|await|yield|my|if|while|for|def|new)\s")
FIELD = re.compile(r"[ \t]*(?:- )?['\"]?\Z")
"""A line up to its only field."""
JSON_TEXT = re.compile(r'(?P<opening>\\{0,7}+"[\w.$@-]{1,64}+\\{0,7}+":[ ]?\\{0,7}+")(?:[^"\\\n]|\\.){0,200}+\Z')
"""A field of JSON up to a place within its text."""
SELECTOR_START = re.compile(r"(?:>>|#|[+-]\[[\w ]{1,100}|\w:)\Z")
"""What precedes a keyword of a message in Smalltalk and Objective-C."""


def is_expression(text: str, value: tuple[int, int], name: tuple[int, int], between: str) -> bool:
    """Whether the unquoted text at ``value``, behind the name at ``name`` and ``between``, is an expression, not a value."""
    literal, label = text[slice(*value)], text[slice(*name)]
    if TEMPLATE.fullmatch(literal) or TYPE.match(literal) or HOLDER.match(literal):
        return True
    if named := NAMED_TEMPLATE.fullmatch(literal):
        return names_credential(named[1])
    if between == ":" and _is_selector(text, name[0], value[1]):
        return True
    chain = CHAIN.match(literal)
    if chain is None:
        return False
    applied = is_applied(literal, chain.end())
    if not applied and (chain.end() < len(literal) or not JOINT.search(chain[0])):
        return False
    parts = JOINT.split(chain[0])
    if all(map(STYLED.fullmatch, parts)) and any(map(names_credential, parts)):
        return True
    if applied and (strength(label) is not Strength.SURE or label.lower() in {"token", "tokens"}):
        return True
    return _in_code(text, name[0], between, value[1], applied=applied)


def is_applied(literal: str, end: int) -> bool:
    """Whether a name that ends there is called, indexed or opens a block; no word goes on behind the closing bracket."""
    if literal[end : end + 1] not in CLOSING:
        return False
    close = literal.rfind(CLOSING[literal[end]], end)
    return not literal[close + 1 : close + 2].isalnum() or close < 0


def _in_code(text: str, name: int, between: str, end: int, *, applied: bool) -> bool:
    """Whether the line of a name is code: an assignment, an argument or a field with a comma."""
    start = _line_start(text, name)
    before = text[name - LINE_LENGTH if start is None else start : name]
    indent = None if start is None else INDENTED.match(before)
    spaced = between.strip() in {"=", ":="} and between[:1] == " "
    if not indent:
        return bool(DECLARED.search(before)) or (spaced and applied)
    if FIELD.match(before, indent.end()) and not spaced:
        return applied or text[end : end + 1] in {",", ";"}
    return True


def _line_start(text: str, name: int) -> int | None:
    """Where the line of a name begins; ``None`` if far before it.

    Its end may be written as an escape, whose letter seems to belong to the name. The text of a field of JSON begins a line.
    """
    first = max(0, name - LINE_LENGTH)
    escape = text.rfind("\\n", first, name + 1)
    start = max(text.rfind("\n", first, name) + 1, escape + 2 if escape >= 0 else 0)
    field = JSON_TEXT.search(text, max(start, first), name)
    if field:
        return field.end("opening")
    return start if start or not first else None


def _is_selector(text: str, name: int, end: int) -> bool:
    """Whether a name and what follows are keywords of a message: ``>>forEnvironment:password:token:``."""
    return text[end : end + 1] == ":" and bool(SELECTOR_START.search(text, max(0, name - LINE_LENGTH), name))
