"""Crash one Python library: run its tests with faults in its functions and print the tracebacks as JSON lines.

Run inside the environment that has pytest and the library's needs, in the root of the library's unpacked source:
``python python_library.py LIBRARY SECONDS SEED [pytest arguments]``. Each fault lives in a forked child of the process
that collected the tests, so that nothing is imported twice and no fault reaches another. One line a report: group,
type, top, frames, report.
"""

from __future__ import annotations

import gc
import json
import linecache
import os
import pickle
import random
import re
import select
import signal
import sys
import sysconfig
import time
import traceback
import types
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from python_edits import Edit, SourceModule

sys.path.pop(0)
import pytest

ROOT = Path.cwd()
MACHINERY = ("_pytest", "pluggy", "pytest", "unittest", "hypothesis")
TESTS_A_FAULT = (2, 3, 4, 6, 10, 15)  # one of these: real bugs are seen once or often
SAME_TEST = 4  # parameter sets of one test function
FAULTS_A_FUNCTION = 4
FAULT_SECONDS = 6.0
TEST_SECONDS = 2
MOST_TESTS = 1200
LONGEST_REPORT = 60_000
Code = tuple[str, str, int]


@dataclass(slots=True)
class Coverage:
    """Which of the library's functions each passing test runs (file, qualified name, first line), by test index."""

    tests: dict[Code, list[int]] = field(default_factory=lambda: defaultdict(list))


class Crasher:
    """A pytest plugin that replaces the run of the tests by runs with faults."""

    def __init__(self, library: str, seconds: float, seed: int) -> None:
        """``seconds`` is the time for all faults."""
        self.library, self.seconds = library, seconds
        self.draw = random.Random(f"{seed}:{library}")  # chance, no secret
        self.raised: list[tuple[str, BaseException]] = []
        self.output = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what pytest says goes nowhere
        self.seen: set[types.CodeType] = set()
        self.watching = False

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
        """Remember what a test raised; known only after pytest's own hook, which asks unittest's cases."""
        yield
        if call.excinfo is not None and call.when == "call":
            self.raised.append((item.name, call.excinfo.value))

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self) -> Iterator[None]:
        """Watch only the test itself, not what pytest does around it."""
        signal.setitimer(signal.ITIMER_REAL, TEST_SECONDS)
        sys.setprofile(self._note if self.watching else None)
        yield
        sys.setprofile(None)
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _note(self, frame: types.FrameType, event: str, _argument: object) -> None:
        if event == "call":
            self.seen.add(frame.f_code)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Learn which tests run which function, then spend the time on faults."""
        signal.signal(signal.SIGALRM, _too_long)
        items = session.items
        if len(items) > MOST_TESTS:
            items = [items[i] for i in sorted(self.draw.sample(range(len(items)), MOST_TESTS))]
        covered = in_child(lambda: self._coverage(items), self.seconds)
        functions = _functions()
        order = [code for code in (covered or {}) if code in functions]
        self.draw.shuffle(order)
        sys.stderr.write(f"{self.library}: {len(items)} tests run {len(order)} functions\n")
        self._faults(items, covered or {}, order, functions)
        return True

    def _coverage(self, items: list[pytest.Item]) -> dict[Code, list[int]]:
        coverage = Coverage()
        self.watching = True
        until = time.monotonic() + self.seconds / 2
        for index, item in enumerate(items):
            if time.monotonic() > until:
                break
            self.seen.clear()
            self.raised.clear()
            _run(item)
            if not self.raised:
                for code in self.seen:
                    if _in_library(code.co_filename):
                        coverage.tests[code.co_filename, code.co_qualname, code.co_firstlineno].append(index)
        return dict(coverage.tests)

    def _faults(
        self,
        items: list[pytest.Item],
        covered: dict[Code, list[int]],
        order: list[Code],
        functions: dict[Code, list[types.FunctionType]],
    ) -> None:
        until = time.monotonic() + self.seconds
        modules: dict[str, SourceModule] = {}
        for code in order:
            if time.monotonic() > until:
                break
            try:
                module = modules.setdefault(code[0], SourceModule(Path(code[0]).read_bytes()))
            except (SyntaxError, ValueError, OSError):
                continue
            for edit in self._chosen(module.edits(functions[code][0].__name__, code[2], self.draw)):
                tests = [items[i] for i in self._some(items, covered[code])]
                run = partial(self._crashes, module, edit, tests, code, functions[code])
                for row in in_child(run, FAULT_SECONDS) or []:
                    self.output.write(json.dumps(row) + "\n")
                self.output.flush()

    def _chosen(self, edits: list[Edit]) -> list[Edit]:
        """Some faults of a function: each operator at most once at first, several of them often on one line."""
        self.draw.shuffle(edits)
        by_operator: dict[str, Edit] = {}
        for edit in edits:
            by_operator.setdefault(edit.operator, edit)
        several = [edit for edit in edits if edit.line == edits[0].line and edit.operator != edits[0].operator][:1]
        chosen = [*edits[:1], *several, *by_operator.values()]
        unique = {(edit.line, edit.operator): edit for edit in chosen}
        return list(unique.values())[:FAULTS_A_FUNCTION]

    def _some(self, items: list[pytest.Item], indices: list[int]) -> list[int]:
        """Covering tests, only a few parameter sets of each."""
        shuffled = self.draw.sample(indices, len(indices))
        taken: dict[str, int] = defaultdict(int)
        chosen = []
        for index in shuffled:
            name = items[index].nodeid.split("[")[0]
            taken[name] += 1
            if taken[name] <= SAME_TEST:
                chosen.append(index)
        return chosen[: self.draw.choice(TESTS_A_FAULT)]

    def _crashes(
        self, module: SourceModule, edit: Edit, tests: list[pytest.Item], code: Code, functions: list[types.FunctionType]
    ) -> list[dict[str, Any]]:
        source = module.applied(edit)
        changed = _compiled(source, code)
        if changed is None:
            return []
        try:
            for function in functions:
                function.__code__ = changed
        except ValueError:  # the fault changed which outer variables the function uses
            return []
        text = source.decode("utf-8", "replace")
        linecache.cache[code[0]] = (len(text), None, text.splitlines(keepends=True), code[0])
        self.watching = False
        self.raised.clear()
        for item in tests:
            _run(item)
        group = f"{self.library}:{_relative(code[0])}:{edit.line}:{edit.function}:{edit.operator}"
        return list(_distinct(group, self.raised))


def _distinct(group: str, raised: list[tuple[str, BaseException]]) -> Iterator[dict[str, Any]]:
    seen = set()
    for _name, error in raised:
        report = _report(error)
        if report is not None and report["report"] not in seen:
            seen.add(report["report"])
            yield {"group": group, **report}


def _report(error: BaseException) -> dict[str, Any] | None:
    """The traceback as an application would print it; None for a failed test and for what pytest raised itself."""
    if not isinstance(error, Exception) or isinstance(error, TookTooLong) or type(error).__module__.startswith(MACHINERY):
        return None
    for link in _chain(error):
        link.__traceback__ = _cut(link.__traceback__)
    frames = traceback.extract_tb(error.__traceback__)
    if not frames or (isinstance(error, AssertionError) and not _in_library(frames[-1].filename)):
        return None
    if any(_is_machinery(frame.filename) for frame in frames):
        return None
    text = "".join(traceback.format_exception(error)).rstrip("\n")
    if len(text) > LONGEST_REPORT or "TookTooLong" in text:
        return None
    kind = (
        type(error).__qualname__
        if type(error).__module__ == "builtins"
        else f"{type(error).__module__}.{type(error).__qualname__}"
    )
    return {"type": kind, "top": frames[-1].name, "frames": len(frames), "report": _neutral(text)}


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _cut(found: types.TracebackType | None) -> types.TracebackType | None:
    """The traceback from the first frame that is not the test runner's."""
    while found is not None and _is_machinery(found.tb_frame.f_code.co_filename):
        found = found.tb_next
    return found


def _is_machinery(filename: str) -> bool:
    return any(f"{os.sep}{name}" in filename for name in MACHINERY) and not filename.startswith(str(ROOT))


def _neutral(text: str) -> str:
    """No path and no address of the machine that made it."""
    paths = sysconfig.get_paths()
    for folder, neutral in (
        (str(ROOT), "/srv/app"),
        (paths["purelib"], "/srv/app/.venv/lib/python3.11/site-packages"),
        (paths["stdlib"], "/usr/lib/python3.11"),
        (sys.prefix, "/srv/app/.venv"),
        (str(Path.home()), "/home/app"),
    ):
        text = text.replace(folder, neutral)
    text = re.sub(r"/tmp/pytest-of-[^/\s]{1,40}/pytest-\d{1,9}", "/var/tmp/run", text)  # noqa: S108
    # Forked children share addresses, which no two real processes do.
    draw = random.Random(text)  # a report always gets the same addresses
    return re.sub(r"0x7[0-9a-f]{9,11}\b", lambda _: f"0x7f{draw.getrandbits(40):010x}", text)


def _compiled(source: bytes, code: Code) -> types.CodeType | None:
    """The function's new code, or None when the fault is none that compiles."""
    try:
        todo = [compile(source, code[0], "exec", dont_inherit=True)]
    except (SyntaxError, ValueError):
        return None
    while todo:
        found = todo.pop()
        if (found.co_qualname, found.co_firstlineno) == code[1:]:
            return found
        todo += [constant for constant in found.co_consts if isinstance(constant, types.CodeType)]
    return None


def _functions() -> dict[Code, list[types.FunctionType]]:
    """The library's live functions by their code. Nested ones live only while the outer one runs and are reached through it."""
    found: dict[Code, list[types.FunctionType]] = defaultdict(list)
    for thing in gc.get_objects():
        if (
            type(thing) is types.FunctionType
            and _in_library(thing.__code__.co_filename)
            and "<locals>" not in thing.__code__.co_qualname
        ):
            code = thing.__code__
            found[code.co_filename, code.co_qualname, code.co_firstlineno].append(thing)
    return dict(found)


def _in_library(filename: str) -> bool:
    if not filename.startswith(str(ROOT)) or not filename.endswith(".py"):
        return False
    parts = Path(filename).relative_to(ROOT).parts
    return not any(
        part in {"test", "tests", "testing", "docs", "examples"} or part.startswith(("test_", "conftest")) for part in parts
    )


def _relative(filename: str) -> str:
    return str(Path(filename).relative_to(ROOT))


def _run(item: pytest.Item) -> None:
    try:
        item.ihook.pytest_runtest_protocol(item=item, nextitem=None)
    except TookTooLong:
        signal.setitimer(signal.ITIMER_REAL, 0)


class TookTooLong(BaseException):
    """Not an Exception, so that the library does not swallow it."""


def _too_long(_number: int, _frame: types.FrameType | None) -> None:
    raise TookTooLong


def in_child(work: Callable[[], Any], seconds: float) -> Any:
    """What ``work`` gives in a forked child, None when it dies or takes longer than ``seconds``."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _child(work, reading, writing)
    os.close(writing)
    answer = _read(reading, time.monotonic() + seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    try:
        return pickle.loads(answer)  # noqa: S301 # written by our own child
    except (EOFError, pickle.UnpicklingError):
        return None


def _child(work: Callable[[], Any], reading: int, writing: int) -> None:
    try:
        os.close(reading)
        silent = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silent, stream)
        with open(writing, "wb") as pipe:
            pipe.write(pickle.dumps(work()))
    finally:
        os._exit(0)


def _read(reading: int, until: float) -> bytes:
    parts = []
    while (left := until - time.monotonic()) > 0 and select.select([reading], [], [], left)[0]:
        part = os.read(reading, 1 << 16)
        if not part:
            break
        parts.append(part)
    os.close(reading)
    return b"".join(parts)


if __name__ == "__main__":
    chosen, budget, seed = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    fixed = [
        "-q",
        "-c",
        os.devnull,
        "--rootdir",
        ".",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:faulthandler",
        "--continue-on-collection-errors",
    ]
    sys.exit(pytest.main([*fixed, "-W", "ignore", *sys.argv[4:]], plugins=[Crasher(chosen, budget, seed)]))
