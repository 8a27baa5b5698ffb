"""Match results as ``crashgraph match`` prints them; the service renders them for a command that asks it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crashgraph.solution_text import solution_lines, validation_counts
from crashgraph.terminal import harmless, json_line
from graph.ingest.receipt import MatchAnswer, plain
from graph.sources.submission import Submission


def render_answers(submission: Submission, answers: Iterable[MatchAnswer], *, explain: bool, jsonl: bool) -> bytes:
    """One JSON line or one paragraph per answer, in UTF-8."""
    if jsonl:
        return b"".join(_json_line(submission, answer, explain=explain) for answer in answers)
    paragraphs = (harmless("\n".join(_lines(submission, answer, explain=explain))) + "\n" for answer in answers)
    # A report may contain half a character, which UTF-8 cannot encode.
    return "".join(paragraphs).encode("utf-8", "backslashreplace")


def _json_line(submission: Submission, answer: MatchAnswer, *, explain: bool) -> bytes:
    line = {"source": submission.source, "id": submission.id, **plain(answer)}
    if not explain:
        del line["components"]
        line["candidates"] = [{"pattern_id": one.pattern_id, "score": one.score} for one in answer.candidates]
    return json_line(line)


def _lines(submission: Submission, answer: MatchAnswer, *, explain: bool) -> Iterator[str]:
    yield f"{submission.source}" + (f" ({submission.id})" if submission.id else "")
    if answer.strategy is None:
        yield f"  not parsed: {answer.reason}"
        return
    if answer.is_new:
        yield f"  NEW, would be called: {answer.pattern_name}"
        yield f"  confidence {answer.confidence:.0%} that it is a new pattern"
    else:
        yield f"  {answer.pattern_name}  [{answer.pattern_id}]"
        yield f"  confidence {answer.confidence:.0%}, {answer.strategy} match"
        yield f"  seen {answer.occurrence_count:,} times, first {answer.first_seen}, last {answer.last_seen}"
        yield from _known(answer)
    yield from _track_record(answer)
    yield f"  {answer.format} report, {answer.frame_count} frames, culprit {answer.culprit or 'unknown'}"
    if answer.diagnosis:
        yield f"  {answer.diagnosis.cluster_id}: {answer.diagnosis.title} (confidence {answer.diagnosis.confidence:.0%})"
        yield f"    hint: {answer.diagnosis.hint}"
    for line in answer.explanation if explain else answer.explanation[-1:]:
        yield f"    why: {line}"
    if explain:
        yield from _components(answer)
    if answer.candidates:
        yield "  candidates: " + ", ".join(f"{one.pattern_id} {one.score:.3f}" for one in answer.candidates)
    yield from _solutions(answer)


def _known(answer: MatchAnswer) -> Iterator[str]:
    """Sites and versions, state, and the description by people."""
    known = answer.known
    if known is None:
        return
    for what, places in (("sites", known.sites), ("versions", known.versions)):
        if places:
            yield f"  {what}: " + ", ".join(f"{one.name} ({one.crashes:,})" for one in places)
    state = known.status
    if known.resolved_version:
        state += f", resolved in {known.resolved_version}"
    if known.regressed_version:
        state += f", seen again in {known.regressed_version}"
    yield f"  {state}; {validation_counts(known.validation_count, known.false_positive_count)}"
    for text in (known.description, known.root_cause):
        if text:
            yield f"  {text}"


def _track_record(answer: MatchAnswer) -> Iterator[str]:
    """The share of earlier answers of this confidence that were right."""
    record = answer.track_record
    if record is None:
        return
    if record.share is None:
        yield f"  too few such answers were validated to know how often they are right ({record.cases})"
    else:
        yield f"  of {record.cases} answers of this confidence, {record.right} were right ({record.share:.0%})"


def _solutions(answer: MatchAnswer) -> Iterator[str]:
    for solution in answer.solutions:
        yield from solution_lines(solution)
    if not answer.is_new and not answer.solutions:
        yield "  no solution is recorded for it yet"


def _components(answer: MatchAnswer) -> Iterator[str]:
    """One line per part of the report: the levels it counts for, its normalised text, and why."""
    yield "  contributing parts:"
    for one in answer.components:
        counts = ", ".join(one.levels) or "nothing"
        why = f" ({'; '.join(one.hints)})" if one.hints else ""
        yield f"    {one.part} [{counts}] {one.normalised}{why}"
