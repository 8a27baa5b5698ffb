"""One error of a Valgrind tool, and its type in the spelling of sanitizers, so that one bug has one type with either tool."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from graph.model.report import StackFrame
from graph.parsing.native.faults import number_of, signal_kind

ACCESS = re.compile(r"Invalid (read|write) of size \d|Syscall param (\S{1,80}) (?:points to|contains) unaddressable")
SIGNAL = re.compile(r"Process terminating with default action of signal \d{1,3} \((SIG\w{1,12})\)")
LOST = re.compile(r"[\d,]{1,20} (?:\([^()]{0,80}\) )?bytes in [\d,]{1,20} blocks are (definitely|indirectly|possibly) lost")
ADDRESS = re.compile(r"(?:Address|at address) (0x[0-9a-fA-F]{1,16})")
LEAKS = {"definitely": "Direct-leak", "possibly": "Direct-leak", "indirectly": "Indirect-leak"}
# Words at the beginning of a title, and the type; other errors of accesses depend on the address.
TITLES = (
    ("Conditional jump or move depends on uninit", "Use-of-uninitialized-value"),
    ("Use of uninit", "Use-of-uninitialized-value"),
    ("Uninitialised byte", "Use-of-uninitialized-value"),
    ("Mismatched ", "Alloc-dealloc-mismatch"),
    ("Stack overflow in thread", "Stack-overflow"),
    ("Possible data race", "Data race"),
    ("Conflicting load", "Data race"),
    ("Conflicting store", "Data race"),
    ("vex ", "SIGILL"),
    ("valgrind: Unrecognised instruction", "SIGILL"),
)
# Words about the memory at the address of an access, and the type.
MEMORY = (
    ("free'd", "Heap-use-after-free"),
    ("alloc'd", "Heap-buffer-overflow"),
    ("data symbol", "Global-buffer-overflow"),
    ("'s stack", "Stack-buffer-overflow"),
)
OVERLAP = re.compile(r"Source and destination overlap in (\w{1,60})")
FISHY = re.compile(r"Argument '\w{1,40}' of function \w{1,60} has a fishy")
THREAD = re.compile(r"Thread #?\d{1,9}:? (?:(?P<order>lock order )|(?P<unlock>unlocked )|(?P<exits>.{0,20}?still holds \d))")
LOCKS = {"order": "Lock-order-inversion", "unlock": "Unlock of an unlocked mutex", "exits": "Lock held at exit"}
MUTEX = re.compile(r"Mutex |The object at address |Recursive locking|Destroying locked")


@dataclass(slots=True)
class ValgrindError:
    """One error: its title, the remarks below it, and its stacks, each with the remark above it."""

    start: int
    end: int
    pid: str = ""
    title: str = ""
    remarks: list[str] = field(default_factory=list)
    stacks: list[tuple[str, list[StackFrame]]] = field(default_factory=list)

    @property
    def frames(self) -> list[StackFrame]:
        """The frames where the error occurred; empty for an error without a stack of its own."""
        return self.stacks[0][1] if self.stacks else []

    @property
    def address(self) -> str:
        """The address of the access as printed; empty if there is none."""
        match = next((match for remark in self.remarks if (match := ADDRESS.search(remark))), None)
        return match[1] if match else ""

    @property
    def address_number(self) -> int | None:
        """The address of the access; ``None`` if there is none."""
        return number_of(self.address) if self.address else None

    @property
    def is_signal(self) -> bool:
        """Whether this only shows that a signal ended the process."""
        return SIGNAL.match(self.title) is not None

    @property
    def is_leak(self) -> bool:
        """Whether this is memory lost at the end of the process."""
        return LOST.match(self.title) is not None


def error_type_of(error: ValgrindError) -> str:
    """Type of an error; empty for a title that is none."""
    title = error.title
    known = next((name for words, name in TITLES if title.startswith(words)), "")
    if known:
        return known
    if lost := LOST.match(title):
        return LEAKS[lost[1]]
    if signal := SIGNAL.match(title):
        return signal_kind(signal[1], error.address_number)
    if access := ACCESS.match(title):
        return _access_type(error, "WRITE" if access[1] == "write" else "READ")
    if title.startswith("Syscall param "):
        return "Use-of-uninitialized-value"
    if title.startswith("Jump to the invalid address"):
        return signal_kind("SIGSEGV", error.address_number, "EXECUTE")
    if title.startswith("Invalid free()"):
        return "Heap-double-free" if _is_remarked(error, "free'd") else "Bad-free"
    if overlap := OVERLAP.match(title):
        return f"{overlap[1].capitalize()}-param-overlap"
    return "Negative-size-param" if FISHY.match(title) else _thread_type(title)


def _access_type(error: ValgrindError, access: str) -> str:
    """Type of a bad access by what Valgrind knows about the memory at its address."""
    # An address that Valgrind knows nothing about "is not stack'd, malloc'd or (recently) free'd".
    known = not _is_remarked(error, "is not stack'd")
    name = next((name for words, name in MEMORY if known and _is_remarked(error, words)), "")
    return name or signal_kind("SIGSEGV", error.address_number, access)


def _is_remarked(error: ValgrindError, words: str) -> bool:
    return any(words in remark for remark in error.remarks)


def _thread_type(title: str) -> str:
    thread = THREAD.match(title)
    if not thread:
        return "Mutex misuse" if MUTEX.match(title) else ""
    return next(name for group, name in LOCKS.items() if thread[group])
