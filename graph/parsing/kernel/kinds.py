"""Kinds of kernel reports: the line that identifies each, and its title.

Titles are those that kernel fuzzers give the same reports and that developers search their lists for, without the
function. ``{0}`` and ``{1}`` in a title are the groups of the pattern, ``{access}`` is ``Read`` or ``Write``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

FUNCTION = r"([A-Za-z_.$<][^\s+/]{0,500}+(?:(?: as)? [^\s+/]{1,300}+>[^\s+/]{0,300}+)?)"
FAULT_CODE = r"[^\n]{0,200}?: [0-9a-f]{2,8} \[#\d"
DEADLOCK = "possible deadlock"
RUST = "{next}"
"""Title of a report named by the line after its header."""
REBOOT = "unexpected kernel reboot"


class Rank(IntEnum):
    """Significance of a line for a crash, most significant first."""

    CAUSE = 0
    """The error itself."""
    EFFECT = 1
    """Usually a consequence of an earlier error."""
    END = 2
    """How the kernel went down."""
    REMARK = 3
    """Possibly not a crash at all, or only a notice that one happened."""


@dataclass(frozen=True, slots=True)
class ReportKind:
    """One kind of report.

    ``anchor`` is a literal on its first line; ``pattern`` must match that line from the anchor on. ``rules`` names the
    section of ``rules/kernel.toml`` that selects the culprit.
    """

    anchor: str
    pattern: str
    title: str
    rules: str = ""
    needs: str = ""
    """Another literal on the line: it spares most lines the pattern."""
    function: int = 0
    """Group of the pattern with the function name; 0 for none."""
    place: str = ""
    """Literal before the function on a later line, where the first line does not name it."""
    with_held_lock: bool = False
    """Whether the site of the lock already held is printed there as well."""
    label: str = ""
    """Text of the line above the relevant stack; empty for the usual stack."""
    blames_named: bool = False
    """Whether the named function is the culprit regardless of the rules."""
    stack: bool = True
    """Whether the kernel prints a stack with it; a report that lacks one is then truncated."""
    rank: Rank = Rank.CAUSE
    logged: bool = False
    """Whether a line counts only with the prefix of a kernel log."""
    verbatim: bool = False
    """Whether numbers in the title are kept, as in the name of a cache."""


def _kinds() -> Iterator[ReportKind]:
    """Yield all kinds, in order of precedence."""
    yield from _sanitizers()
    yield from _faults()
    yield from _oopses()
    yield from _lock_orders()
    for level in ("BUG", "WARNING"):
        yield from _locks(level)
    yield from _stalls()
    yield from _states()
    yield from _warnings()
    yield from _panics()
    yield from _fallbacks()


def _sanitizers() -> Iterator[ReportKind]:
    bug, word = "BUG: ", r"[a-z][a-z-]{1,60}+"
    yield ReportKind(
        bug, rf"BUG: KASAN: (?:double-free or )?(invalid-free) in {FUNCTION}", "KASAN: invalid-free", "free", function=2
    )
    yield ReportKind(bug, rf"BUG: KASAN: (double-free) in {FUNCTION}", "KASAN: double-free", "free", function=2)
    yield ReportKind(bug, rf"BUG: KASAN: ({word}) in {FUNCTION}", "KASAN: {0} {access}", function=2)
    yield ReportKind(bug, rf"BUG: KASAN: ({word})", "KASAN: {0} {access}")
    yield ReportKind(bug, rf"BUG: KMSAN: ({word})(?: in {FUNCTION})?", "KMSAN: {0}", function=2)
    yield ReportKind(bug, rf"BUG: KCSAN: ({word})(?: in {FUNCTION})?", "KCSAN: {0}", function=2)
    yield ReportKind(bug, r"BUG: KCSAN: (assert: race)", "KCSAN: {0}")
    yield ReportKind(bug, rf"BUG: KFENCE: ([a-z][a-z -]{{1,60}}?)(?: in {FUNCTION}| on |$)", "KFENCE: {0}", "free", function=2)
    overwritten = r"(?:Object|Redzone|Poison|Padding|Left|Right|Free|Wrong|Invalid|Objects|Inconsistent)"
    slab = rf"BUG ((?:[\w.-]|:(?=[\w.-])){{1,60}}+)(?: \([^)\n]{{1,80}}\))?: ({overwritten}[^\n]{{2,60}}+)"
    yield ReportKind("BUG ", slab, "BUG {0}: {1}", "free", needs=": ", verbatim=True)
    yield ReportKind("UBSAN: ", r"UBSAN: Undefined behaviour in ", "UBSAN: undefined-behaviour")
    yield ReportKind("UBSAN: ", rf"UBSAN: ({word}) in ", "UBSAN: {0}")
    yield ReportKind(bug, r"BUG: memory leak", "memory leak", "leak")
    yield ReportKind("unreferenced object 0x", r"unreferenced object 0x[0-9a-f]{4,16} \(size ", "memory leak", "leak")


def _faults() -> Iterator[ReportKind]:
    page = r"kernel (?:paging request|data access|unaligned|instruction|execute)|page fault for address"
    other = r"kernel (?:pointer dereference|access to user memory|memory access)"
    paging, null = "BUG: unable to handle kernel paging request", "BUG: unable to handle kernel NULL pointer dereference"
    yield ReportKind("BUG: ", r"BUG: (?:[Uu]nable to handle )?[Kk]ernel NULL pointer dereference", null)
    yield ReportKind("BUG: ", rf"BUG: [Uu]nable to handle (?:{page})", paging)
    yield ReportKind("BUG: ", r"BUG: [Uu]nable to handle kernel", "BUG: unable to handle kernel")
    yield ReportKind("nable to handle ", r"nable to handle kernel NULL pointer dereference", null)
    yield ReportKind("nable to handle ", rf"nable to handle (?:{page}|{other})", paging)
    yield ReportKind("nternal error: ", r"nternal error: ", "Internal error", "machine")
    yield ReportKind("nhandled ", r"nhandled (?:fault|prefetch abort): ", "Unhandled fault")
    yield ReportKind("nhandled ", r"nhandled kernel unaligned access", "Unhandled kernel unaligned access")


def _oopses() -> Iterator[ReportKind]:
    for words, title in (
        ("general protection fault", "general protection fault"),
        ("stack segment", "stack segment fault"),
        ("divide error", "divide error"),
        ("divide_error", "divide error"),
        ("alignment check", "alignment check"),
        ("invalid TSS", "invalid TSS"),
        ("segment not present", "segment not present"),
        ("int3", "int3"),
        ("double fault", "PANIC: double fault"),
    ):
        yield ReportKind(words, words + FAULT_CODE, title)
    yield ReportKind("PANIC: ", r"PANIC: double fault", "PANIC: double fault")
    yield ReportKind("PANIC: ", r"PANIC: early exception", "PANIC: early exception")
    yield ReportKind("BUG: ", r"BUG: (?:[A-Z]{1,9} )?stack guard page was hit", "BUG: stack guard page was hit", "overflow")
    for words in ("nsufficient stack space to handle exception", "ernel stack overflow"):
        yield ReportKind(words, words, "kernel stack overflow", "overflow")
    place = r"ernel BUG (?:at|in) [^\s:]{0,200}"
    yield ReportKind("ernel BUG", place + r"lib/list_debug\.c", "BUG: corrupted list", needs="list_debug.c")
    yield ReportKind("ernel BUG", place + r"mm/usercopy\.c", "BUG: bad usercopy", "memory", needs="usercopy.c")
    yield ReportKind("ernel BUG", r"ernel BUG (?:at|in) \S", "kernel BUG")
    yield ReportKind("invalid opcode", "invalid opcode" + FAULT_CODE, "invalid opcode", rank=Rank.EFFECT)
    yield ReportKind("Oops", r"Oops(?: - [^\n:]{1,80}+)?(?::[^\n]{0,200}?)? ?\[#\d", "Oops", rank=Rank.EFFECT)


def _lock_orders() -> Iterator[ReportKind]:
    """Lock orders that can deadlock."""
    for words, place in (
        ("ossible circular locking dependency detected", "is trying to acquire"),
        ("ossible recursive locking detected", "is trying to acquire"),
        ("ossible irq lock inversion dependency detected", "just changed the state of lock"),
    ):
        yield ReportKind(words, words, DEADLOCK, "lock", place=place, with_held_lock=True)
    yield ReportKind("-safe -> ", r"-safe -> \w{1,20}+-unsafe lock order detecte", DEADLOCK, "lock", label="became")


def _locks(level: str) -> Iterator[ReportKind]:
    anchor, lead = f"{level}: ", rf"{level}: (?:[^\n]{{1,80}}?/\d{{1,9}} )?"
    for words, place in (
        ("bad unlock balance", "is trying to release lock"),
        ("held lock freed", "with a lock still held there"),
        ("still has locks held", "held by "),
        ("lock held when returning to user space", "leaving the kernel with locks"),
        ("nested lock was not taken", "is trying to lock"),
    ):
        pattern = f"{lead}[{words[0].upper()}{words[0]}]{words[1:]}"
        yield ReportKind(anchor, pattern, f"{level}: {words}", "lock", needs=words[1:], place=place)
    yield ReportKind(anchor, lead + "[Ii]nvalid wait context", "WARNING: locking bug", "locking", needs="nvalid wait context")
    yield ReportKind(anchor, f"{level}: suspicious RCU usage", f"{level}: suspicious RCU usage", "rcu")
    inconsistent = f"{level}: inconsistent lock state"
    yield ReportKind(anchor, inconsistent, "inconsistent lock state", "lock", place="takes:")


def _stalls() -> Iterator[ReportKind]:
    info, task = "INFO: ", r"INFO: (?:rcu )?task "
    yield ReportKind(
        info, task + r"[^\n]{1,120}? can't die (?:for more than|in) ", "INFO: task can't die", "hang", needs="can't die"
    )
    yield ReportKind(
        info, task + r"[^\n]{1,120}? blocked (?:for more than|on|in) ", "INFO: task hung", "hang", needs=" blocked "
    )
    yield ReportKind(info, r"INFO: task \S{0,40}+$", "INFO: task hung", "hang", logged=True)
    yield ReportKind(info, r"INFO: rcu_?\w{0,40}+ (?:self-)?detected(?: expedited)? stall", "INFO: rcu detected stall", "stall")
    yield ReportKind(info, r"INFO: suspicious RCU usage", "INFO: suspicious RCU usage", "rcu")
    yield ReportKind(info, r"INFO: inconsistent lock state", "inconsistent lock state", "lock", place="takes:")
    register = "INFO: trying to register non-static key"
    yield ReportKind(info, register, register, "key")
    yield ReportKind("soft lockup", r"soft lockup", "BUG: soft lockup", "lockup")
    yield ReportKind("ard LOCKUP", r"ard LOCKUP", "BUG: hard lockup", "lockup")
    yield ReportKind("BUG: ", r"BUG: workqueue lockup", "BUG: workqueue lockup", stack=False)


def _states() -> Iterator[ReportKind]:
    bug = "BUG: "
    sleeping = "BUG: sleeping function called from invalid context"
    yield ReportKind(bug, sleeping, sleeping)
    yield ReportKind(bug, r"BUG: scheduling while atomic", "BUG: scheduling while atomic", "atomic")
    yield ReportKind(bug, r"BUG: using (\w{1,60}\(\)) in preemptible", "BUG: using {0} in preemptible code", "preempt")
    leaked = "BUG: workqueue leaked lock or atomic"
    pattern = r"BUG: workqueue leaked (?:lock or atomic|atomic, lock or RCU)"
    yield ReportKind(bug, pattern, leaked, place="last function: ", blames_named=True, stack=False)
    yield ReportKind(bug, r"BUG: ((?:spin|rw)lock) ([a-z ]{3,40}?)(?: on |,| in |$)", "BUG: {0} {1}")
    yield ReportKind(bug, r"BUG: (Bad page (?:state|map|cache|table))", "BUG: {0}", "page", label="page last allocated")
    yield ReportKind(bug, r"BUG: Dentry [^\n]{0,200}? still in use", "BUG: Dentry still in use", needs="still in use")
    yield ReportKind(bug, r"BUG: (Bad rss-counter state|non-zero \w{1,40}+ on freeing mm)", "BUG: {0}", stack=False)
    device = r"nregister_netdevice: waiting for \S{1,40} to become free"
    yield ReportKind("nregister_netdevice: ", device, "unregister_netdevice: waiting for DEV to become free", stack=False)
    inodes = "VFS: Busy inodes after unmount"
    yield ReportKind(inodes, inodes, f"{inodes} (use-after-free)", stack=False)


def _warnings() -> Iterator[ReportKind]:
    at = r"WARNING: (?:[^\n]{0,60}?\bat )?\S{0,200}"
    for file, title, rules in (
        ("lib/debugobjects.c", "WARNING: ODEBUG bug", "object"),
        ("mm/usercopy.c", "WARNING: bad usercopy", "memory"),
        ("lib/kobject.c", "WARNING: kobject bug", "object"),
        ("lib/refcount.c", "WARNING: refcount bug", "refcount"),
        ("fs/proc/generic.c", "WARNING: proc registration bug", "proc"),
    ):
        yield ReportKind("WARNING: ", at + re.escape(file), title, rules, needs=file)
    lockdep = "kernel/locking/lockdep.c"
    yield ReportKind(
        "WARNING: ", rf"{at}{re.escape(lockdep)}:[^\n]{{1,60}}?lock_", "WARNING: locking bug", "locking", needs=lockdep
    )
    line = r"\.c:\d{1,9} (?:at )?"
    vmalloc = rf"{at}mm/vmalloc{line}__vmalloc_node_range"
    yield ReportKind("WARNING: ", vmalloc, "WARNING: zero-size vmalloc", "memory", needs="__vmalloc_node_range")
    kmalloc = rf"{at}mm/\S{{1,60}}{line}_{{0,3}}k[a-z]{{0,2}}malloc"
    yield ReportKind("WARNING: ", kmalloc, "WARNING: kmalloc bug", "memory", needs="malloc")
    anywhere = rf"WARNING: (?:[^\n]{{0,60}}?\bat )?[^\s:]{{1,400}}:\d{{1,9}} (?:at )?{FUNCTION}"
    yield ReportKind("WARNING: ", anywhere, "WARNING", needs="at ", function=1)
    regs = r"WARNING: kernel stack regs [^\n]{1,120}? has bad '(\w{1,10}+)' value"
    yield ReportKind("WARNING: ", regs, "WARNING: kernel stack regs has bad '{0}' value", needs="has bad", stack=False)
    pointer = r"WARNING: kernel stack frame pointer [^\n]{1,120}? has bad value"
    yield ReportKind("WARNING: ", pointer, "WARNING: kernel stack frame pointer has bad value", needs="has bad", stack=False)


def _panics() -> Iterator[ReportKind]:
    anchor, panic, title = "ernel panic - not syncing", r"ernel panic - not syncing: ", "kernel panic: "
    stack = rf"stack-protector: Kernel stack is corrupted in: {FUNCTION}"
    yield ReportKind(anchor, panic + stack, title + "stack is corrupted", function=1)
    yield ReportKind(anchor, panic + "corrupted stack end detected", title + "corrupted stack end", "overflow")
    yield ReportKind(anchor, panic + "[Ss]ysrq triggered crash", title + "sysrq triggered crash", stack=False)
    yield ReportKind(anchor, panic + r"[^\n]{0,200}?(Fatal exception|Fatal error)", title + "{0}", stack=False, rank=Rank.END)
    yield ReportKind(anchor, panic + r"([^\n]{1,300}+)", title + "{0}", stack=False, rank=Rank.END)
    trusty = r"trusty: panic \(caller [^\n]{0,120}?\): "
    yield ReportKind("trusty: panic ", trusty + "ASSERT FAILED", "trusty: ASSERT FAILED:", stack=False)
    yield ReportKind("trusty: panic ", trusty + r"([^\n]{1,200}+)", "trusty: panic: {0}", stack=False)
    yield ReportKind("rust_kernel: panicked at ", r"rust_kernel: panicked at ", RUST)


def _fallbacks() -> Iterator[ReportKind]:
    oom = "invoked oom-killer: "
    yield ReportKind(oom, oom, "Out of memory", "oom", rank=Rank.EFFECT, logged=True)
    yield ReportKind("BUG: ", r"BUG: (?!K[A-Z]{1,2}SAN|KFENCE)([^\n]{2,200}+)", "BUG: {0}", logged=True)
    remark = Rank.REMARK
    yield ReportKind("WARNING: ", r"WARNING: (?!CPU: )([^\n]{2,200}+)", "WARNING: {0}", stack=False, rank=remark, logged=True)
    yield ReportKind("SYZFA", r"(SYZFA(?:TAL|IL): [^\n]{1,400}+)", "{0}", stack=False, rank=remark)
    yield ReportKind("Linux version ", r"Linux version \d", REBOOT, stack=False, rank=remark)


KINDS = tuple(_kinds())
ANCHORS = tuple(dict.fromkeys(kind.anchor for kind in KINDS))
COMPILED = tuple((index, kind, re.compile(kind.pattern)) for index, kind in enumerate(KINDS))
PATTERNS = {anchor: tuple(entry for entry in COMPILED if entry[1].anchor == anchor) for anchor in ANCHORS}
"""Per anchor: the kinds with their precedence and compiled pattern."""
