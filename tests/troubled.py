"""Texts that a defect of a parser would take endless time, memory or the process for."""

from __future__ import annotations

import os
import signal
import time
from datetime import datetime

from graph.ingest import process_pool
from graph.ingest.prepare import CrashBuilder, PreparedCrash
from graph.redaction.redactor import Redactor
from graph.sources.submission import Submission

KEY = b"0123456789abcdef0123456789abcdef"


def spin(submission: Submission) -> None:
    """What stands for an expression that backtracks: time of the processor without end."""
    while "SPIN" in (submission.report or ""):
        pass


class TroubledBuilder(CrashBuilder):
    """Does so for texts that say so."""

    def _prepared(self, submission: Submission, received_at: datetime, first: int) -> list[PreparedCrash]:
        text = submission.report or ""
        spin(submission)
        if "DIE" in text:
            os.kill(os.getpid(), signal.SIGKILL)
        if "SLEEP" in text:
            time.sleep(600)
        if "MEMORY" in text:
            bytearray(process_pool.MEMORY_LIMIT)
        if "DEFECT" in text:
            raise KeyError(text)
        return super()._prepared(submission, received_at, first)

    def unparsed(self, submission: Submission, received_at: datetime, reason: str) -> PreparedCrash:
        while "ALWAYS" in (submission.report or ""):
            pass
        return super().unparsed(submission, received_at, reason)


def build_troubled() -> CrashBuilder:
    return TroubledBuilder(Redactor(KEY))
