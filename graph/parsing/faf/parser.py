"""Problem reports of ABRT and FAF (µReports), as JSON: crashes of native programs, Python, Ruby, Java and the Linux kernel."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model.report import ParsedReport, StackFrame
from graph.parsing.faf.problem import Problem, ReadLog, objects, problem_of, text_at
from graph.parsing.native.blame import PLATFORM as NATIVE
from graph.parsing.native.blame import blame
from graph.parsing.protocol import MESSAGE_LIMIT, SharedLiterals
from graph.parsing.text.json_fields import JsonObject, object_of
from graph.parsing.text.json_values import JsonValue, json_values
from graph.rules import severity
from graph.rules.culprit import culprit

MARKS = SharedLiterals('"ureport_version"', '"core_backtrace"')
PROBLEMS, PACKAGES = SharedLiterals('"problem"'), SharedLiterals('"packages"')
AFFECTED = "affected"


class FafParser:
    """Parser for problem reports of ABRT and FAF."""

    name = "faf"
    signs = (MARKS, PROBLEMS)
    title = "Problem reports of ABRT and FAF (µReports)"
    takes = (
        "signal or exception, and the crashed thread",
        "the affected package and its version",
        "operating system, architecture and kernel",
        "component and executable",
    )
    example = (
        '{"ureport_version": 2, "reason": "checkout killed by SIGSEGV",\n'
        ' "os": {"name": "fedora", "version": "40", "architecture": "x86_64"},\n'
        ' "problem": {"type": "core", "component": "shop", "signal": 11, "executable": "/usr/bin/checkout",\n'
        '  "stacktrace": [{"crash_thread": true, "frames": [\n'
        '   {"function_name": "basket_total", "file_name": "/usr/bin/checkout", "build_id_offset": 4660, "build_id": "ab"},\n'
        '   {"function_name": "main", "file_name": "/usr/bin/checkout", "build_id_offset": 8738, "build_id": "ab"}]}]},\n'
        ' "packages": [{"name": "shop", "epoch": 0, "version": "4.2.0", "release": "1.fc40", "package_role": "affected"}]}\n'
    )

    def __init__(self, read_kernel_log: ReadLog) -> None:
        """``read_kernel_log`` parses the kernel log embedded in a kernel problem."""
        self._read_kernel_log = read_kernel_log

    def sniff(self, text: str) -> float:
        """Return 1 if the text contains the fields of a µReport."""
        if "{" not in text:
            return 0.0
        return 1.0 if MARKS.occurs_in(text) or (PROBLEMS.occurs_in(text) and PACKAGES.occurs_in(text)) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """Yield one report per µReport."""
        for value in json_values(text):
            content = value.content
            problem = problem_of(content, self._read_kernel_log) if isinstance(content, dict) else None
            if problem and isinstance(content, dict):
                yield _report(content, problem, value)


def _report(content: JsonObject, problem: Problem, value: JsonValue) -> ParsedReport:
    name, version = _package(content, problem)
    return ParsedReport(
        format="faf",
        error_type=problem.error_type,
        message=problem.message[:MESSAGE_LIMIT],
        frames=problem.frames,
        culprit=_culprit(problem),
        causes=problem.causes,
        severity=severity.infer(problem.error_type, problem.message),
        product=name or None,
        version=version or None,
        environment=_environment(content, problem),
        extra={"process": problem.executable} if problem.executable else {},
        span=(value.start, value.end),
        truncated=value.cut,
        platform=problem.platform,
    )


def _culprit(problem: Problem) -> StackFrame | None:
    frames = problem.faulting_frames or problem.frames
    return blame(frames, problem.error_type) if problem.platform == NATIVE else culprit(frames, problem.platform)


def _package(content: JsonObject, problem: Problem) -> tuple[str, str]:
    """Name and version of the package at fault: the affected one, else that of the component."""
    packages = objects(content.get("packages"))
    old = content.get("installed_package")
    if isinstance(old, dict):
        packages = [*packages, {**old, "package_role": AFFECTED}]
    package = next((package for package in packages if text_at(package, "package_role") == AFFECTED), None)
    package = package or next((package for package in packages if text_at(package, "name") == problem.component), None)
    if package is None:
        return problem.component, ""
    version, release = text_at(package, "version"), text_at(package, "release")
    return text_at(package, "name") or problem.component, f"{version}-{release}" if version and release else version


def _environment(content: JsonObject, problem: Problem) -> dict[str, str]:
    system = object_of(content.get("os"))
    facts = {
        "os": f"{text_at(system, 'name')} {text_at(system, 'version')}".strip(),
        "cpu": text_at(system, "architecture") or text_at(content, "architecture"),
        "component": problem.component,
        "kernel": problem.kernel,
        "desktop": text_at(system, "desktop"),
    }
    return {name: value for name, value in facts.items() if value}
