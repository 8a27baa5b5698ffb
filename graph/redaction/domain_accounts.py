r"""Recognise accounts of Windows domains: ``CORP\jdoe``."""

from __future__ import annotations

import re

from graph.redaction.pattern_rule import PatternRule
from graph.redaction.text_view import NOT_PLACEHOLDER
from graph.rules import words

SHARED = words("redaction", "accounts")
NO_DOMAIN = frozenset(
    {"authority", "builtin", "service", "apppool", "windows", "software", "system", "hklm", "hkcu", "hkcr", "hku", "hkcc"}
)
"""What else a backslash follows: the system's own authorities, and the roots of its registry."""
NAME = rf"\\{{1,8}}+{NOT_PLACEHOLDER}"
"""One backslash, which each carrier of a text doubles."""
LONGEST_ENDING = 3
END = r"(?![\w\\/(:$-]|\.\w)"


def _is_account(match: re.Match[str]) -> bool:
    """Whether it is a person's account, not the system's and not the escaped end of a line."""
    domain, value = match["domain"].lower(), match["value"]
    escaped = value[0] in "nrt" and (value[1:2].isupper() or not value[1:2]) and r"\\" not in match[0]
    return domain not in NO_DOMAIN and not domain.startswith("hkey") and value.lower() not in SHARED and not escaped


def _is_bare_account(match: re.Match[str]) -> bool:
    """As :func:`_is_account`, where nothing but its form marks it: a short ending is a file's."""
    ending = match["value"].rpartition(".")[2]
    return _is_account(match) and (ending == match["value"] or len(ending) > LONGEST_ENDING)


DOMAIN_RULES = (
    PatternRule(
        "user",
        re.compile(
            r"(?i)(?:user(?:[ _]?name)?|account(?: name)?|log[io]n|principal|identity|owner|(?:logged in|running|run) as)"
            rf"['\"]?[ \t:=]{{1,4}}+(?:['\"]{{1,6}}+|&(?:quot|apos|#0?3[49]|#x2[27]);)?"
            rf"(?P<domain>[a-z][\w.-]{{0,30}}+){NAME}(?P<value>[a-z][\w.-]{{1,63}}+){END}"
        ),
        triggers=("\\",),
        accepts=_is_account,
        spelling=str.lower,
    ),
    # Anywhere: a domain in capitals and an account in small letters; a letter of an escape sequence may not begin it.
    PatternRule(
        "user",
        re.compile(
            rf"(?<![\w\\/:.%$@-])(?P<domain>[A-Z][A-Z0-9-]{{1,14}}+)(?:\\(?=[c-moqyz][^\W\d])|(?:\\\\){{1,4}}+(?!\\)){NOT_PLACEHOLDER}"
            rf"(?P<value>[a-z][\w.-]{{2,30}}+){END}"
        ),
        triggers=("\\",),
        accepts=_is_bare_account,
        spelling=str.lower,
    ),
)
