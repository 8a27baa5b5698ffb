"""Type and message of a Dart error from what ``toString`` prints of it."""

from __future__ import annotations

import re

NULL_CHECK = "Null check operator used on a null value"
UNKNOWN = "Unhandled exception"
# Errors of the core library that do not print the name of their class.
UNNAMED = (
    ("type '", "_TypeError"),
    ("Bad state: ", "StateError"),
    ("Invalid argument", "ArgumentError"),
    ("Unsupported operation: ", "UnsupportedError"),
    ("Concurrent modification during iteration: ", "ConcurrentModificationError"),
    ("Stack Overflow", "StackOverflowError"),
    ("Out of Memory", "OutOfMemoryError"),
    ("Assertion failed", "AssertionError"),
    ("Failed assertion: ", "AssertionError"),
    ("Reading static variable", "CyclicInitializationError"),
    ("Cannot read property", "NoSuchMethodError"),
)
FAILED_ASSERTION = re.compile(r"'[^'\n]{1,1000}': Failed assertion: ")
# `FormatException: x`, `RangeError (index): x`, `DioException [bad response]: x`, `TimeoutException after 0:00:05.0: x`
NAMED = re.compile(
    r"([A-Za-z_$][\w$]{0,200}(?:\.[A-Za-z_$][\w$]{0,200}){0,5})(?:<[^\n>]{0,200}>)?"
    r"(?: ?[\[(][^\])\n]{0,200}[\])]| after [\d:.]{1,30})?: "
)
# `PlatformException(code, message, details, stack)`
CALLED = re.compile(r"([A-Za-z_$][\w$]{0,200}(?:Exception|Error|Failure))\((.*)\)\s*$", re.DOTALL)
BARE = re.compile(r"([A-Za-z_$][\w$]{0,200}(?:Exception|Error|Failure|Fault))\.?\s*$")
INSTANCE = re.compile(r"Instance of '([\w$<>, ]{1,200})'")
PLUGIN = re.compile(r"\[([\w-]{1,60}/[\w-]{1,100})\] ")
ENDINGS = ("Exception", "Error", "Failure", "Fault", "Violation", "Interrupt", "Warning")


def error_of(text: str) -> tuple[str, str]:
    """Type and message of the error that prints ``text``; a check for null, which has no message, is a type of its own."""
    text = text.strip()
    if text.startswith(NULL_CHECK):
        return NULL_CHECK, text[len(NULL_CHECK) :].strip(" .\n")
    if FAILED_ASSERTION.match(text):
        return "AssertionError", text
    named = NAMED.match(text)
    if named and named[1].rpartition(".")[2].endswith(ENDINGS):
        return named[1], text[named.end() :].strip()
    called = CALLED.match(text)
    if called:
        return called[1], called[2].strip()
    bare, instance, plugin = BARE.match(text), INSTANCE.match(text), PLUGIN.match(text)
    if bare:
        return bare[1], ""
    if instance:
        return instance[1], ""
    if plugin:
        return plugin[1], text[plugin.end() :].strip()
    for start, error_type in UNNAMED:
        if text.startswith(start):
            return error_type, text
    return "", text


def is_error(text: str) -> bool:
    """Whether a line is what an error prints."""
    return bool(error_of(text)[0])
