"""Recognise account and telephone numbers, by the rules of their issuers."""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers
from stdnum import iban

from graph.redaction.text_view import TextView

IBAN = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Z]{2}\d\d(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?"
    r"|[a-z]{2}\d\d(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,4})?)(?![A-Za-z0-9])"
)
IBAN_HINT = re.compile(r"[A-Za-z]{2}\d\d ?[A-Za-z0-9]{4} ?[A-Za-z0-9]{4}")
PHONE = re.compile(r"(?<![\w+.)/@-])(?P<value>\+[1-9]\d{0,2}(?:[ ().\-/]{0,2}\d){6,14})(?![\w-]|\.\d)")
"""A number with its country's code."""

PHONE_FIELD = re.compile(
    r"(?i)(?<![^\W_])(?<!<)(?:tele|cell|mobile|home|work|fax)?[ _-]?(?:phone|mobile|fax|tel|msisdn|whatsapp)"
    r"(?:[ _-]?(?:number|no|nr))?"
    r"(?:&quot;|\\{0,3}['\"])?\]?\s{0,4}+(?:=>|[:=])\s{0,4}+(?:&quot;|\\{0,3}['\"])?"
    r"(?!\d{4}-\d\d-\d\d)(?P<value>\+?[\d(](?:[ ()./-]{0,2}\d){6,14})(?![\w-]|\.\d)"
)
"""A number in a field for one."""


class IbanRule:
    """IBANs, in upper or lower case, in groups of four or without blanks."""

    kind = "iban"
    literals = ()

    def values(self, view: TextView) -> Iterator[tuple[int, int]]:
        """Spans of the numbers with right check digits."""
        if not IBAN_HINT.search(view.text):
            return
        for match in IBAN.finditer(view.text):
            end = match.end()
            # A word behind the number looks like one more group.
            while end > match.start() and not iban.is_valid(view.text[match.start() : end], check_country=False):
                end = max(match.start(), view.text.rfind(" ", match.start(), end))
            if end > match.start():
                yield match.start(), end

    def same(self, value: str) -> str:
        """Upper case without blanks."""
        return value.replace(" ", "").upper()


def is_phone(match: re.Match[str]) -> bool:
    """Whether a number with a country's code is one that can be called there."""
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(match["value"]))
    except phonenumbers.NumberParseException:
        return False


def digits(value: str) -> str:
    """The digits of a number."""
    return "".join(character for character in value if character.isdigit())
