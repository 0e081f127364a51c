"""What the planner's schema and its corrections do to plans that are right."""

from pathlib import Path

import yaml

from evals.planner_ceiling import FOLDER, example, through

SIMPLE = {
    "labels": ["apple", "pear"],
    "request": "Red LED for apples, and print each change.",
    "plan": {
        "red LED": [{"when": "while", "labels": ["apple"], "set": "on"}],
        "serial": [{"when": "change", "print": "{label}"}],
    },
}


def test_a_right_plan_comes_through_with_quotes_that_speak_of_it() -> None:
    verdict, plan = through(SIMPLE)
    assert verdict == "kept"
    assert isinstance(plan, dict)
    assert plan["red LED"][0]["quote"] == "Red LED for apples"
    assert example(SIMPLE, plan)["request"] == SIMPLE["request"]


def test_what_the_schema_cannot_say_and_what_gets_lost_is_told() -> None:
    no_output = {**SIMPLE, "plan": {"green LED": [{"when": "while", "labels": ["pear"], "set": "on"}]}}
    verdict, why = through(no_output)
    assert verdict == "not offered"
    assert "green LED is no output" in why
    assert "red LED: something must be said of it" in why
    other_label = {
        **SIMPLE,
        "plan": {**SIMPLE["plan"], "red LED": [{"when": "while", "labels": ["pear"], "set": "on"}]},
    }
    assert through(other_label)[0] == "lost"


def test_nine_of_ten_plans_of_the_first_requests_come_through() -> None:
    cases = yaml.safe_load((Path(FOLDER) / "planner.yaml").read_text(encoding="utf-8"))
    kept = [case["request"] for case in cases if through(case)[0] == "kept"]
    assert len(kept) >= 0.9 * len(cases), set(c["request"] for c in cases) - set(kept)
