"""The suite `sg_rules`."""

from evals.sg_suite import make_suite

SUITE = make_suite("sg_rules", "Sketch generation by the planner's rules only, nothing drafted", tries=0)
