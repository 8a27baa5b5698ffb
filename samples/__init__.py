"""Real crashes with known truth: a small faulty program, run at several stations over ten simulated weeks."""

from samples.generation import REPORTS, TRUTH, SampleSet, generate
from samples.truth import Cause, Fault, Form, Lineage, Occurrence, Truth, load_truth

__all__ = [
    "REPORTS",
    "TRUTH",
    "Cause",
    "Fault",
    "Form",
    "Lineage",
    "Occurrence",
    "SampleSet",
    "Truth",
    "generate",
    "load_truth",
]
