"""The suite `fruit_p2`."""

from evals.sg_baselines import p2
from evals.sg_suite import make_suite

SUITE = make_suite(
    "fruit_p2", "Fruit classifier by P2's protocol: the whole sketch from the model, 5 tries", cases="fruit", way=p2
)
