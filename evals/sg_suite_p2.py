"""The suite `sg_p2`: twelve of the cases, since a sample takes up to five minutes on two cores."""

from evals.sg_baselines import p2
from evals.sg_suite import make_suite

SUITE = make_suite(
    "sg_p2", "Sketch generation by P2's protocol: the whole sketch from the model, 5 tries; 12 cases", way=p2, most=12
)
