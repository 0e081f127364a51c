"""The suite `sg_draft`: twelve of the cases."""

from evals.sg_baselines import draft
from evals.sg_suite import make_suite

SUITE = make_suite("sg_draft", "Sketch generation by drafted C++ only, without rules; 12 cases", way=draft, most=12)
