"""Redact a parsed report consistently with its text: a secret in one place is a secret everywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from graph.model.report import Cause, Fault, ParsedReport, StackFrame
from graph.redaction.redactor import Redactor, Scrubbed


def scrub_report(report: ParsedReport, redactor: Redactor, scrubbed: Scrubbed) -> ParsedReport:
    """The report without secrets; ``scrubbed`` is its redacted text. The same object if there are none."""
    text = "\n\n".join(_texts(report))

    def clean(text: str) -> str:
        return scrubbed.rest(redactor.redact(text))

    user = redactor.user(report.user) if report.user and report.user.strip() else report.user
    if clean(text) != text or _has_secret_names({**report.environment, **report.extra}, clean):
        report = _cleaned(report, clean)
    return report if user == report.user else replace(report, user=user)


def clean_facts(facts: Mapping[str, str], clean: Callable[[str], str]) -> dict[str, str]:
    """Named values, redacted by name and value."""
    return {name: clean_fact(name, value, clean) for name, value in facts.items()}


def clean_fact(name: str, value: str, clean: Callable[[str], str]) -> str:
    """A named value, redacted; any value of ``password`` is a secret."""
    marked = f"{name}={value}"
    cleaned = clean(marked)
    return cleaned[len(name) + 1 :] if cleaned.startswith(f"{name}=") else cleaned


def _texts(report: ParsedReport) -> set[str]:
    texts = {
        report.error_type,
        report.message,
        report.product or "",
        report.version or "",
        report.site or "",
        report.session or "",
    }
    for frames in (report.frames, *(cause.frames for cause in report.causes)):
        for frame in frames:
            texts.update((frame.function, frame.module, frame.file or ""))
    for cause in report.causes:
        texts.update((cause.error_type, cause.message))
    if report.inner_fault:
        # Its message may join several, and a secret across them.
        texts.add(report.inner_fault.message)
    return texts


def _has_secret_names(facts: Mapping[str, str], clean: Callable[[str], str]) -> bool:
    marked = "\n".join(f"{name}={value}" for name, value in facts.items())
    return bool(facts) and clean(marked) != marked


def _cleaned(report: ParsedReport, clean: Callable[[str], str]) -> ParsedReport:
    frames = _frames(report.frames, clean)
    culprit = next((new for old, new in zip(report.frames, frames, strict=True) if old is report.culprit), None)
    return replace(
        report,
        error_type=clean(report.error_type),
        message=clean(report.message),
        frames=frames,
        culprit=culprit or (_frame(report.culprit, clean) if report.culprit else None),
        causes=tuple(_cause(cause, clean) for cause in report.causes),
        inner_fault=_fault(report.inner_fault, clean) if report.inner_fault else None,
        product=report.product and clean(report.product),
        version=report.version and clean(report.version),
        site=report.site and clean(report.site),
        session=report.session and clean(report.session),
        environment=clean_facts(report.environment, clean),
        extra=clean_facts(report.extra, clean),
    )


def _frames(frames: tuple[StackFrame, ...], clean: Callable[[str], str]) -> tuple[StackFrame, ...]:
    return tuple(_frame(frame, clean) for frame in frames)


def _frame(frame: StackFrame, clean: Callable[[str], str]) -> StackFrame:
    file = None if frame.file is None else clean(frame.file)
    return replace(frame, function=clean(frame.function), module=clean(frame.module), file=file)


def _cause(cause: Cause, clean: Callable[[str], str]) -> Cause:
    return replace(cause, error_type=clean(cause.error_type), message=clean(cause.message), frames=_frames(cause.frames, clean))


def _fault(fault: Fault, clean: Callable[[str], str]) -> Fault:
    return Fault(
        clean(fault.error_type),
        clean(fault.message),
        _frames(fault.frames, clean),
        _frame(fault.culprit, clean) if fault.culprit else None,
    )
