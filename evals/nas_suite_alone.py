"""The suite `nas_alone`: the strategies of `nas` that ask no language model, in a few minutes."""

from evals.nas import ALONE
from evals.nas_suite import make_suite

SUITE = make_suite(
    "nas_alone", "Network search without a language model: random, evolution, NSGA-II, guided by a surrogate", ALONE
)
