"""Many texts are encoded in a separate process, with the same vectors; the service never loads PyTorch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from graph.embedding.encoder_process import ServiceEmbedder

ROOT = Path(__file__).parents[2]
TEXTS = ["KeyError in pricing", "half a character \ud83d", "", "ZeroDivisionError " * 400]


def test_a_failing_process_is_replaced_by_the_model_at_hand() -> None:
    embedder = ServiceEmbedder(few=1)
    here = ServiceEmbedder(few=100)
    embedder._process = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    embedder._process.kill()
    embedder._started = lambda: embedder._process  # type: ignore[method-assign, assignment, return-value]  # it dies while it is asked
    assert np.array_equal(embedder.embed(TEXTS), here.embed(TEXTS))
    assert embedder._process is None


@pytest.mark.slow
def test_the_process_gives_the_same_vectors_and_ends_with_the_service() -> None:
    program = """
import sys
import numpy as np
from graph.embedding.encoder_process import ServiceEmbedder
texts = [f"error {number} \\ud83d" for number in range(20)]
embedder = ServiceEmbedder(few=4, idle_seconds=1.0)
few = embedder.embed(texts[:4])
many = embedder.embed(texts)
same = float(np.abs(many[:4] - few).max()) < 1e-5
print(many.shape, many.dtype, same, "torch" in sys.modules, embedder._process.pid, flush=True)
import os
os._exit(9)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, timeout=170, check=False)
    assert done.stdout.startswith("(20, 384) float32 True False "), done.stderr
    pid = int(done.stdout.split()[-1])
    import psutil

    psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=30)
    assert not psutil.pid_exists(pid), "it ends when the pipe closes"
