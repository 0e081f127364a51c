"""The suite `fruit`."""

from evals.sg_suite import make_suite

SUITE = make_suite("fruit", "Fruit classifier of P2 in 30 wordings", cases="fruit")
