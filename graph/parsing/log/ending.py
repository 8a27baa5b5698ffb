"""Records of how a process ended, from servers, supervisors, schedulers and shells; the level says nothing about it."""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass

WORDS = (
    "terminated by signal",
    "due to signal",
    "by signal ",
    "exited on signal ",
    "was sent SIG",
    "exited with 'signal",
    "code=killed",
    "code=dumped",
    "OOM killer",
    "with result 'timeout'",
    "with result 'watchdog'",
    "was terminated by exception",
    "OOMKilled",
    "OOMKilling",
    "oom-kill",
    "WORKER TIMEOUT",
    "HARAKIRI",
    "core dumped",
    "signal: ",
    "terminated by SIG",
    "exit signal ",
    "Negsignal.SIG",
    "Task timed out after",
    "xit code",
    "xit status",
    "xited with code",
    "Killed",
    "Segmentation fault",
    "exitcode: -",
    "exit code -",
    "exited prematurely: signal",
)
"""Literals of which every such record has one."""
LINE_LIMIT = 2_000
WINDOWS_CODES = {
    "0xC0000005": "EXCEPTION_ACCESS_VIOLATION",
    "0xC0000409": "STATUS_STACK_BUFFER_OVERRUN",
    "0xC00000FD": "EXCEPTION_STACK_OVERFLOW",
    "0xC0000374": "STATUS_HEAP_CORRUPTION",
}
NUMBERED = re.compile(
    r"\b(?:(?:terminated|killed|exited) (?:by|with|on|due to)|exited prematurely:)"
    r" ?'?signal[: ]{1,2}(?P<number>\d{1,2})\b"
    r"|\bcode=(?:killed|dumped), status=(?P<status>\d{1,2})/"
    r"|(?:\bwas sent |\bterminated by |\bNegsignal\.)SIG(?P<name>[A-Z]{2,6})\b"
    r"|\bexit signal [A-Z][\w ]{2,40} \((?P<code_of>\d{1,2})\)"
    r"|\bwas terminated by exception (?P<code>0x[0-9A-Fa-f]{8})"
    r"|(?:\bexit code|\bexitcode:) -(?P<negative>\d{1,2})\b"
)
# A shell adds 128 to the number of the signal.
EXIT_CODE = re.compile(
    r"\b[Ee]xit(?:ed)?(?: with)?(?: exit)?[ :]{1,2}(?:code|status)(?: exit status)?[ :=]{1,3}(?P<shifted>13[45679])\b"
)
_RUNNER = (
    r"the|bash|shell|child|main|process|script|job|build|task|worker|command|step|container|program|application|service"
    r"|has|failed|completed|finished|ended|terminated|with"
)
EXIT = re.compile(
    rf"(?:(?:{_RUNNER})[:.]? ){{0,8}}(?:exit(?:ed)?|returned?)(?: with)?(?: an?)?(?: non-zero)?(?: exit)? (?:code|status)"
    r"[ :=]{1,3}[1-9]\d{0,2}[.)]?(?: \([\w ;-]{1,60}\))?\s*$",
    re.IGNORECASE,
)
"""A message that says no more than that a program ended with an exit code: it printed what went wrong itself."""
SPELLED = re.compile(r"\bsignal: (?P<word>killed|segmentation fault|aborted|bus error|illegal instruction)\b", re.IGNORECASE)
SUMMARY = re.compile(r"\bFailed with result '")
MEMORY = re.compile(
    r"\bOOMKill(?:ed|ing)\b|\bFailed with result 'oom-kill'|\bkilled by the OOM killer|\boom-kill:constraint="
    r"|\b[Oo]ut of memory: Killed process \d"
)
STUCK = re.compile(
    r"\bWORKER TIMEOUT \(pid: ?\d|\bHARAKIRI (?:ON|!)|\bFailed with result '(?:timeout|watchdog)'"
    r"|\bTask timed out after \d"
)
# A shell's words for a signal, alone or behind the number of a job or line.
SHELL = re.compile(
    r"(?:\S{1,200}: (?:line )?\d{1,6}:\s{1,8}\d{1,9} |\[\d{1,4}\] ?[+-]? {1,4}(?:\d{1,9} )?)?"
    r"(?P<word>Killed|Segmentation fault|Bus error|Aborted|Illegal instruction|Floating point exception)"
    r"(?: {1,20}\(core dumped\))?(?: {2,40}\S(?:[^\n]{0,999}\S)?)?\s*+$"
)
SHELL_SIGNALS = {
    "Killed": "SIGKILL",
    "Segmentation fault": "SIGSEGV",
    "Bus error": "SIGBUS",
    "Aborted": "SIGABRT",
    "Illegal instruction": "SIGILL",
    "Floating point exception": "SIGFPE",
}
OUT_OF_MEMORY = "Out of memory"
SAME_EVENT = 1_000
"""Maximum characters between the record of an end and its summary."""
STOPPED = frozenset({"SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGPIPE", "SIGUSR1", "SIGUSR2", "SIGALRM"})
"""Signals with which operators and supervisors stop a process that has not failed."""


@dataclass(frozen=True, slots=True)
class ProcessEnd:
    """How a process ended. ``echo``: the process itself printed its error before; ``summary``: another record may say more."""

    error_type: str
    echo: bool = False
    summary: bool = False


def process_end(line: str) -> ProcessEnd | None:
    """How the process ended that a line describes; ``None`` for any other line and for a process that was stopped."""
    line = line[:LINE_LIMIT]
    shell = SHELL.match(line)
    if shell:
        name = SHELL_SIGNALS[shell["word"]]
        return ProcessEnd(name, echo=name != "SIGKILL")
    numbered = NUMBERED.search(line)
    if numbered:
        name = _signal(numbered)
        return None if name in STOPPED else ProcessEnd(name, echo="code=dumped" in line)
    if MEMORY.search(line):
        return ProcessEnd(OUT_OF_MEMORY, summary=True)
    if STUCK.search(line):
        return ProcessEnd("Worker timeout", summary=SUMMARY.search(line) is not None)
    spelled, code = SPELLED.search(line), EXIT_CODE.search(line)
    if spelled:
        return ProcessEnd(SHELL_SIGNALS[spelled["word"].capitalize()], summary=True)
    name = _number_name(int(code["shifted"]) - 128) if code else ""
    return ProcessEnd(name, echo=name != "SIGKILL", summary=True) if name else None


def is_exit(message: str) -> bool:
    """Whether a message only states the exit code of a program."""
    return EXIT.match(message[:LINE_LIMIT]) is not None


def is_same_end(end: ProcessEnd, earlier: int, start: int) -> bool:
    """Whether a record at ``start`` only summarises the end in the record that ends at ``earlier``."""
    return end.summary and start - earlier <= SAME_EVENT


def _signal(match: re.Match[str]) -> str:
    if match["name"]:
        return f"SIG{match['name']}"
    if match["code"]:
        return WINDOWS_CODES.get(match["code"], match["code"])
    return _number_name(int(match["number"] or match["status"] or match["negative"] or match["code_of"]))


def _number_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"Signal {number}"
