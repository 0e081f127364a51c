"""The suites of `tinysmith eval`: a name, and the module whose SUITE says how its cases are loaded, run and shown."""

from importlib import import_module

from evals.harness import Suite
from tools.errors import BadInput

SUITES = {
    "verify": "evals.verify_suite",
    "sg": "evals.sg_suite",
    "sg_rules": "evals.sg_suite_rules",
    "sg_draft": "evals.sg_suite_draft",
    "sg_p2": "evals.sg_suite_p2",
    "fruit": "evals.sg_suite_fruit",
    "fruit_p2": "evals.sg_suite_fruit_p2",
    "nas": "evals.nas_suite",
    "nas_alone": "evals.nas_suite_alone",
    "kd": "evals.kd_suite",
}
"""Imported when asked for, so that a suite may import what it likes."""


def suite(name: str) -> Suite:
    """The suite of this name; raises BadInput naming those there are."""
    if name not in SUITES:
        raise BadInput(f"unknown suite '{name}': choose one of {', '.join(SUITES)}")
    found: Suite = import_module(SUITES[name]).SUITE
    return found
