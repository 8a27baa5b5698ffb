"""PyTorch in a process of its own, so that a service does not carry its half million objects through every collection.

:class:`ServiceEmbedder` encodes a few texts in NumPy and hands many to this process, which starts when it is needed and
exits after a while without work, or when the pipe to the service closes. Requests are a length (4 bytes) and a JSON list of
texts; answers are the vectors as little-endian float32.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from graph.embedding.minilm import MiniLm, model_folder
from graph.embedding.sentence_transformer import FEW, MiniLmEmbedder
from graph.model.nodes import EMBEDDING_DIMENSIONS

IDLE_SECONDS = 300.0
FLOAT = np.dtype("<f4")
ROOT = Path(__file__).parents[2]
PROGRAM = "import sys; sys.path[0] = sys.argv[1]; from graph.embedding.encoder_process import main; main()"


class ServiceEmbedder:
    """The :class:`graph.ports.Embedder` port without PyTorch in this process."""

    name = MiniLmEmbedder.name
    dimensions = EMBEDDING_DIMENSIONS

    def __init__(self, few: int = FEW, idle_seconds: float = IDLE_SECONDS) -> None:
        """Up to ``few`` texts are encoded here; the process exits after ``idle_seconds`` without work."""
        self._few = few
        self._idle_seconds = idle_seconds
        self._model: MiniLm | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()
        self._process_lock = threading.Lock()

    def load(self) -> None:
        """Load the NumPy model."""
        with self._lock:
            self._loaded()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of shape (len(texts), 384)."""
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        if len(texts) > self._few:
            with self._process_lock:
                vectors = self._embed_in_process(texts)
            if vectors is not None:
                return vectors
        # A few texts do not wait for the process; many are encoded here, more slowly, if it fails.
        with self._lock:
            return self._loaded().embed(texts)

    def close(self) -> None:
        """End the process."""
        with self._process_lock:
            self._end()

    def _loaded(self) -> MiniLm:
        if self._model is None:
            self._model = MiniLm(model_folder())
        return self._model

    def _embed_in_process(self, texts: Sequence[str]) -> NDArray[np.float32] | None:
        """Vectors from the process; ``None`` if it ended before it answered."""
        if self._timer is not None:
            self._timer.cancel()
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        request = json.dumps(list(texts)).encode()
        size = len(texts) * self.dimensions * FLOAT.itemsize
        try:
            process.stdin.write(len(request).to_bytes(4, "little") + request)
            process.stdin.flush()
            answer = process.stdout.read(size)
        except OSError:
            answer = b""
        if len(answer) < size:
            self._end()
            return None
        self._timer = threading.Timer(self._idle_seconds, self.close)
        self._timer.daemon = True
        self._timer.start()
        return np.frombuffer(answer, dtype=FLOAT).reshape(len(texts), self.dimensions).astype(np.float32)

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            # In its own session: Ctrl-C in a terminal is for the service, which then closes the pipe.
            self._process = subprocess.Popen(  # noqa: S603  # our own program
                [sys.executable, "-c", PROGRAM, str(ROOT)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,
            )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def main() -> None:
    """Answer requests until standard input ends."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # What libraries print must not end up among the answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    embedder = MiniLmEmbedder(few=0)
    while (request := _next(requests)) is not None:
        vectors = embedder.embed(json.loads(request))
        answers.write(vectors.astype(FLOAT).tobytes())
        answers.flush()


def _next(requests: BinaryIO) -> bytes | None:
    size = requests.read(4)
    return requests.read(int.from_bytes(size, "little")) if len(size) == 4 else None
