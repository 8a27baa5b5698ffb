"""Facts of a kernel report besides its stack: kernel, machine, process, CPU, modules, address, access."""

from __future__ import annotations

import re

BOOT = "Linux version "
"""First message of a booting kernel."""
VALUE_LIMIT = 1_000
LOOK_BACK = 80
"""Characters before its literal at which an expression may start."""

TAINT = r"(?:Not tainted|Tainted: (?P<taint>[^\n]{1,80}?))"
ADDRESS = r"(?P<address>(?:0x)?[0-9a-f]{4,16})"
BY_TASK = r"(?:[^\n]{0,40}? by task (?P<comm>[^\n]{1,40}?)/(?P<pid>\d{1,10})\s*$)?"
VERSION = r"(?P<version>\d{1,3}\.\d[\w.+~-]{0,100})(?: (?P<build>#[\w.~-]{1,60}))?"
BUILT = r"(?P<version>\d{1,3}\.\d{1,3}\.[\w.+~-]{1,100}) (?P<build>#[\w.~-]{1,60})"
PROCESS = r"(?:UID: (?P<uid>\d{1,10}) )?PID: (?P<pid>\d{1,10}) Comm: (?P<comm>[^\n]{1,40}?)"
TASK = r"(?P<comm>[^\n]{1,40}?):(?P<pid>\d{1,10})"
HUNG = r"blocked (?:[\w /]{1,40} )?for more than (?P<blocked_seconds>\d{1,9}) seconds"
# Per fact: a literal on its line, and the expression that extracts it.
FACTS = (
    ("ainted", rf"(?<![\w.]){TAINT},? {{1,4}}{VERSION}"),
    ("ainted", rf"{BUILT} {TAINT}$"),
    ("CPU: ", rf"CPU: (?P<cpu>\d{{1,5}}) {PROCESS} (?=Not tainted|Tainted:|Kdump)"),
    ("Comm: ", r"Comm: (?P<comm>\S{1,40}) (?=Not tainted|Tainted:)"),
    ("CPU#", r"CPU#(?P<cpu>\d{1,5}): (?P<comm>[^\n]{1,40}?)/(?P<pid>\d{1,10})\s*$"),
    ("Hardware name", r"Hardware name: {1,2}(?P<hardware>[^\n]{1,200}+)"),
    ("Workqueue: ", r"Workqueue: (?P<workqueue>\S{1,80}+ \S{1,80}+)"),
    ("Modules linked in", r"Modules linked in: ?(?P<modules>[^\n]{1,1900}+)"),
    ("blocked ", rf"task {TASK} (?:<[^>\n]{{1,20}}> )?{HUNG}"),
    ("stuck for", rf"CPU#(?P<cpu>\d{{1,5}}) stuck for (?P<blocked_seconds>\d{{1,9}})s! \[{TASK}\]"),
    (
        " addr",
        rf"(?P<access>Read|Write) (?:of size (?P<access_size>\d{{1,12}}) )?at addr \[?(?P<address>[0-9a-fx]{{4,20}}){BY_TASK}",
    ),
    (" of size ", rf"(?P<access>Read|Write) of size (?P<access_size>\d{{1,12}}){BY_TASK}"),
    ("dereference", rf"dereference(?: on (?:read|write))? at(?: virtual address)? {ADDRESS}"),
    ("paging request", rf"paging request at(?: virtual address)? {ADDRESS}"),
    ("address", rf"(?:address: |non-canonical address ){ADDRESS}"),
    ("data access", rf"data access(?: on (?:read|write))? at {ADDRESS}"),
    ("guard page", rf"guard page was hit at {ADDRESS}"),
    ("Killed process", r"Killed process (?P<killed_pid>\d{1,10}) \((?P<killed>[^)\n]{1,40})\)"),
)
COMPILED = tuple((literal, re.compile(pattern)) for literal, pattern in FACTS)
# Register names identify the architecture.
ARCHITECTURES = (
    ("RIP: 00", "x86_64"),
    ("RSP: 00", "x86_64"),
    ("EIP: ", "i386"),
    ("pstate: ", "arm64"),
    ("x29: ", "arm64"),
    ("ISA ARM", "arm"),
    ("SMP ARM", "arm"),
    ("NIP [", "powerpc"),
    ("NIP: ", "powerpc"),
    ("epc : ", "riscv"),
    ("Krnl PSW", "s390x"),
    ("epc   : ", "mips"),
    ("ERA: ", "loongarch"),
)
MACHINE = ("arch", "hardware", "build")
REPORT = (
    "comm",
    "pid",
    "cpu",
    "uid",
    "taint",
    "address",
    "access_size",
    "blocked_seconds",
    "modules",
    "workqueue",
    "killed",
    "killed_pid",
)


class KernelFacts:
    """Facts of one report; the first occurrence of a fact counts."""

    def __init__(self) -> None:
        """Start without facts."""
        self.values: dict[str, str] = {}

    def read_line(self, body: str) -> bool:
        """Read one line; returns whether it holds a fact."""
        is_fact = False
        for literal, pattern in COMPILED:
            at = body.find(literal)
            match = pattern.search(body, max(at - LOOK_BACK, 0)) if at >= 0 else None
            if match:
                is_fact = True
                self._keep(match)
        self.read_arch(body)
        return is_fact

    def read_arch(self, body: str) -> None:
        """Derive the architecture from register names on a line."""
        if "arch" in self.values or (": " not in body and "NIP [" not in body):
            return
        arch = next((arch for literal, arch in ARCHITECTURES if literal in body), None)
        if arch:
            self.values["arch"] = arch

    def _keep(self, match: re.Match[str]) -> None:
        for name, value in match.groupdict().items():
            if value and value.strip():
                self.values.setdefault(name, " ".join(value.split())[:VALUE_LIMIT])

    def environment(self) -> dict[str, str]:
        """Facts of the machine, under the names of environment facts."""
        facts = {name: self.values[name] for name in MACHINE if name in self.values}
        return {"os": f"Linux {self.values['version']}", **facts} if "version" in self.values else facts

    def extra(self) -> dict[str, str]:
        """Facts of this occurrence."""
        return {name: self.values[name] for name in REPORT if name in self.values}
