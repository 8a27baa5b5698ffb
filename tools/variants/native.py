"""Crashes as Go, Rust, sanitizers, debuggers, kernels and Apple's systems print them."""

from __future__ import annotations

from tools.variants.bug import Bug, Occurrence


def go(bug: Bug, now: Occurrence) -> str:
    frames = "".join(
        f"example.org/shop/{step.noun}.(*{step.noun.title()}).{step.verb.title()}(0xc{now.address(step, 9)}, 0x{now.address(step, 6)})\n"
        f"\t/src/shop/{step.noun}/{step.noun}.go:{now.line(step)} +0x{now.address(step, 3)}\n"
        for step in bug.steps
    )
    return f"panic: {now.message(bug)}\n\ngoroutine {now.number} [running]:\n{frames}exit status 2\n"


def rust(bug: Bug, now: Occurrence) -> str:
    machinery = ("rust_begin_unwind", "core::panicking::panic_fmt")
    frames = [
        *(
            f"{index:4}: {name}\n             at /rustc/9fc6b43126469e3858e2fe86cafb4f0fd5068869/library/core/src/panicking.rs:72:14\n"
            for index, name in enumerate(machinery)
        ),
        *(
            f"{index:4}: shop::{step.noun}::{step.noun.title()}::{step.verb}\n             at ./src/{step.noun}.rs:{now.line(step)}:9\n"
            for index, step in enumerate(bug.steps, start=len(machinery))
        ),
    ]
    first = bug.culprit
    return (
        f"thread '{now.thread}' panicked at src/{first.noun}.rs:{now.line(first)}:9:\n{now.message(bug)}\n"
        f"stack backtrace:\n{''.join(frames)}note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.\n"
    )


def asan(bug: Bug, now: Occurrence) -> str:
    kind = ("heap-use-after-free", "heap-buffer-overflow", "stack-buffer-overflow")[bug.kind]
    address = now.address(bug.culprit, 10)
    frames = "".join(
        f"    #{number} 0x{now.address(step)} in shop::{step.noun.title()}::{step.verb}(int) /src/shop/{step.noun}.cc:{now.line(step)}:12\n"
        for number, step in enumerate(bug.steps)
    )
    return (
        f"=================================================================\n=={now.number}==ERROR: AddressSanitizer: {kind} on address "
        f"0x{address} at pc 0x{now.address(bug.culprit)} bp 0x7ffd00000010 sp 0x7ffd00000008\n"
        f"READ of size 4 at 0x{address} thread T{now.seed % 4}\n{frames}\nSUMMARY: AddressSanitizer: {kind} "
        f"/src/shop/{bug.culprit.noun}.cc:{now.line(bug.culprit)}:12 in shop::{bug.culprit.noun.title()}::{bug.culprit.verb}(int)\n"
        f"=={now.number}==ABORTING\n"
    )


def gdb(bug: Bug, now: Occurrence) -> str:
    frames = "".join(
        f"#{number}  0x{now.address(step)} in {step.noun}_{step.verb} (id={now.number}) at /src/shop/{step.noun}.c:{now.line(step)}\n"
        for number, step in enumerate(bug.steps)
    )
    signal = ("SIGSEGV, Segmentation fault", "SIGFPE, Arithmetic exception", "SIGBUS, Bus error")[bug.kind]
    return f"Program received signal {signal}.\n{frames}"


def kernel(bug: Bug, now: Occurrence) -> str:
    seconds = f"{now.number}.{100_000 + now.seed}"
    fault = (
        "BUG: kernel NULL pointer dereference, address: 0000000000000010",
        f"BUG: unable to handle page fault for address: ffff{now.address(bug.culprit)}",
        f"general protection fault, probably for non-canonical address 0x{now.address(bug.culprit, 16)}: 0000 [#1] PREEMPT SMP",
    )[bug.kind]
    first = bug.culprit
    trace = "".join(
        f"[ {seconds}]  {step.noun}_{step.verb}+0x{step.line:x}/0x{step.line + 64:x} [shop]\n" for step in bug.steps
    )
    return (
        f"[ {seconds}] {fault}\n[ {seconds}] CPU: {now.seed % 8} PID: {now.number} Comm: {now.thread} Not tainted 6.1.{now.shift}\n"
        f"[ {seconds}] RIP: 0010:{first.noun}_{first.verb}+0x{first.line:x}/0x{first.line + 64:x} [shop]\n"
        f"[ {seconds}] RAX: {now.address(first, 16)} RBX: {now.address(first, 15):>016} RCX: 0000000000000000\n"
        f"[ {seconds}] Call Trace:\n[ {seconds}]  <TASK>\n{trace}[ {seconds}]  </TASK>\n"
    )


def apple(bug: Bug, now: Occurrence) -> str:
    kind = ("EXC_BAD_ACCESS (SIGSEGV)", "EXC_CRASH (SIGABRT)", "EXC_ARITHMETIC (SIGFPE)")[bug.kind]
    frames = "".join(
        f"{number}   Shop                          \t0x{now.address(step, 16)} {step.noun.title()}.{step.verb}(_:) + {40 + number} "
        f"({step.noun.title()}.swift:{now.line(step)})\n"
        for number, step in enumerate(bug.steps)
    )
    return (
        f"Incident Identifier: 51BD5A8C-0C74-4A85-AAF6-{now.number:012}\nProcess:             Shop [{now.number}]\n"
        "Identifier:          org.shop.app\nVersion:             2.0.42 (242)\nCode Type:           ARM-64 (Native)\n\n"
        "Date/Time:           2026-03-05 10:15:22.4078 +0100\nOS Version:          iPhone OS 17.2 (21C62)\nReport Version:      104\n\n"
        f"Exception Type:  {kind}\nTriggered by Thread:  0\n\nThread 0 Crashed:\n{frames}\n"
        "Thread 1:\n0   libsystem_pthread.dylib       \t0x00000001c724d3a0 start_wqthread + 0\n"
    )
