"""The NumPy model gives the vectors of sentence-transformers without importing PyTorch."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from graph.embedding.sentence_transformer import MiniLmEmbedder

pytestmark = pytest.mark.slow

TEXTS = (
    "KeyError: 'NZ'\npricing tariff of\norders total",
    "Cannot read properties of undefined (reading 'amount')\nDesk close\npay",
    "",
    "word " * 2_000,
    "Ünïcode ✓ 错误 عربى \u202e",
    "half a character: \ud83d",
)
PROBE = """
import sys
from graph.embedding.sentence_transformer import MiniLmEmbedder
vectors = MiniLmEmbedder().embed(["KeyError in pricing.tariff_of"])
print(vectors.shape, sorted({"torch", "transformers", "sentence_transformers"} & set(sys.modules)))
"""


@pytest.mark.timeout(300)
def test_numpy_and_pytorch_give_the_same_vectors() -> None:
    few = MiniLmEmbedder().embed(TEXTS)
    plain = [text.encode("utf-8", "replace").decode() for text in TEXTS]
    many = MiniLmEmbedder(few=0).embed(plain)
    assert few.dtype == many.dtype == np.float32
    assert np.abs(few - many).max() < 1e-5
    assert np.abs(np.linalg.norm(few, axis=1) - 1).max() < 1e-5


def test_a_few_texts_do_not_load_pytorch() -> None:
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "(1, 384) []"
