"""Match variants and near-misses against a graph that knows the bugs, and count what is right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from graph.ingest.match_report import ReportMatcher
from graph.ingest.pipeline import IngestPipeline
from graph.sources.submission import Submission
from tools.variants.bug import Bug
from tools.variants.table import Language, Trial, first_crash, trials


@dataclass(slots=True)
class Score:
    """Trials and right answers per kind, for variants (``same``) and near-misses."""

    tried: Counter[tuple[bool, str]] = field(default_factory=Counter)
    right: Counter[tuple[bool, str]] = field(default_factory=Counter)

    def add(self, trial: Trial, *, right: bool) -> None:
        """Count one answer."""
        self.tried[trial.same, trial.kind] += 1
        self.right[trial.same, trial.kind] += right

    def share(self, *, same: bool) -> float:
        """Share of right answers among variants or near-misses."""
        tried = sum(count for (kind, _), count in self.tried.items() if kind is same)
        return sum(count for (kind, _), count in self.right.items() if kind is same) / tried

    def misses(self) -> Mapping[str, int]:
        """Wrong answers per kind, if there are any."""
        return {
            kind: count - self.right[same, kind] for (same, kind), count in self.tried.items() if count > self.right[same, kind]
        }


async def store_bugs(receiver: IngestPipeline, language: Language, bugs: Sequence[Bug]) -> list[str | None]:
    """Store the first crash of each bug; returns its pattern."""
    receipts = [await receiver.receive([Submission(report=first_crash(language, bug))]) for bug in bugs]
    return [each[0].pattern_id for each in receipts]


async def judge(
    matcher: ReportMatcher, language: Language, bugs: Sequence[Bug], patterns: Sequence[str | None], kinds: Iterable[str] = ()
) -> Score:
    """Match every variant and near-miss, or only those of some kinds, without storing it.

    A variant is right if one of its reports matches its bug's pattern, a near-miss if none does.
    """
    score, chosen = Score(), frozenset(kinds)
    for number, bug in enumerate(bugs):
        for trial in trials(language, number, bug):
            if chosen and trial.kind not in chosen:
                continue
            answers = await matcher.match(Submission(report=trial.text))
            joined = any(answer.pattern_id == patterns[number] and not answer.is_new for answer in answers)
            score.add(trial, right=joined is trial.same)
    return score
