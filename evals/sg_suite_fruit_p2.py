"""The suite `fruit_p2`: ten of the thirty wordings, since a sample takes up to five minutes on two cores."""

from evals.sg_baselines import p2
from evals.sg_suite import make_suite

SUITE = make_suite(
    "fruit_p2", "Fruit classifier by P2's protocol: the whole sketch from the model, 5 tries; 10 wordings",
    cases="fruit", way=p2, most=10,
)  # fmt: skip
