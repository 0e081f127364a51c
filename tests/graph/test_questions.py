"""Interrupts: one schema, asked before anything is done, defaults without a person, answers checked."""

from pathlib import Path
from typing import Any

import pytest

from agents import llm, planner
from graph.config import RunConfig
from graph.questions import Choice, Question
from graph.run import execute, state_of
from tests.fakes import FRUIT_PLAN, FRUIT_REQUEST, led_plan
from tests.scripted_run import CONFIG
from tools.artifacts import Budgets, TaskSpec
from tools.errors import BadInput, Infeasible
from tools.trace import read_trace

TIGHT = CONFIG.model_copy(update={"budgets": Budgets(ram_bytes=100)})
"""Ends with Infeasible before anything is trained: what comes before it is quick."""


class Person:
    """Answers each kind of question from its own list, and stops the run at any other."""

    def __init__(self, **answers: list[str]) -> None:
        self.answers = answers
        self.asked: list[dict[str, Any]] = []

    def __call__(self, question: dict[str, Any]) -> str:
        self.asked.append(Question.model_validate(question).model_dump())
        if not self.answers.get(question["kind"]):
            raise KeyboardInterrupt
        return self.answers[question["kind"]].pop(0)

    @property
    def kinds(self) -> list[str]:
        return [question["kind"] for question in self.asked]


def run(folder: Path, person: Person, config: RunConfig = TIGHT, **inputs: Any) -> dict[str, Any]:
    given: Any = {"request": FRUIT_REQUEST, "run_dir": str(folder), "config": config, "confirm": True, **inputs}
    return execute(folder, given, person)


@pytest.mark.parametrize(
    ("answer", "settled"),
    [("", "yes"), ("y", "yes"), (" YES ", "yes"), ("n", "no"), (True, "yes"), (False, "no"), (None, "yes")],
)
def test_answers_are_taken_by_their_beginning(answer: Any, settled: str) -> None:
    choices = (Choice(value="yes"), Choice(value="no"))
    assert Question(kind="confirm", question="?", choices=choices, default="yes").settled(answer) == settled


def test_what_is_no_answer() -> None:
    choices = (Choice(value="r1n1"), Choice(value="r1n2"))
    question = Question(kind="network", question="?", choices=choices)
    for answer in ("r1", "r9", "maybe"):
        with pytest.raises(BadInput, match=f"'{answer}' is not an answer: write one of r1n1, r1n2"):
            question.settled(answer)
    with pytest.raises(BadInput, match="say something"):
        question.settled("")
    assert question.model_copy(update={"free": True}).settled("maybe") == "maybe"


def test_data_that_are_missing_are_asked_for_and_looked_at(tmp_path: Path, fruit_data: Path, script: Any) -> None:
    script(planner=FRUIT_PLAN, classes='{"labels": ["apple", "banana", "orange"]}')
    person = Person(data=["nowhere/at/all", str(fruit_data)], confirm=["yes"])
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "run", person)
    assert person.kinds == ["data", "data", "confirm", "budget"]
    assert "Which data" in person.asked[0]["question"]
    assert person.asked[0]["problem"] == ""
    assert "nowhere/at/all" in person.asked[1]["problem"]
    assert state_of(tmp_path / "run")["spec"].data == str(fruit_data)


def test_without_a_person_missing_data_end_the_run(tmp_path: Path, script: Any) -> None:
    script()
    with pytest.raises(BadInput, match="no data: give --data"):
        run(tmp_path / "run", Person(), confirm=False)


def test_what_the_planner_is_unsure_of_is_asked_with_the_plan(
    tmp_path: Path, fruit_data: Path, script: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    script()
    plan = planner.plan

    def unsure(*args: Any, **facts: Any) -> TaskSpec:
        return plan(*args, **facts).model_copy(update={"questions": ("Which grapes?",)})

    monkeypatch.setattr(planner, "plan", unsure)
    person = Person()
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "run", person, data=str(fruit_data))
    assert person.kinds == ["confirm"]
    assert person.asked[0]["facts"]["questions"] == ["Which grapes?"]


def test_other_words_are_planned_anew(tmp_path: Path, fruit_data: Path, script: Any) -> None:
    script(planner=[FRUIT_PLAN, led_plan(red="banana")])
    person = Person(confirm=["red LED for banana", "yes"])
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "run", person, data=str(fruit_data))
    first, second = [question["facts"]["rules"] for question in person.asked[:2]]
    assert len(first) == 3
    assert second == ["While the result is 'banana': switch the red LED on"]
    assert state_of(tmp_path / "run")["spec"].request == "red LED for banana"


def test_an_infeasible_budget_comes_with_the_nearest_feasible_one(
    tmp_path: Path, fruit_data: Path, script: Any
) -> None:
    script()
    person = Person(confirm=["yes"], budget=["ram=200", "stop"])
    with pytest.raises(Infeasible, match="nearest feasible budget"):
        run(tmp_path / "run", person, data=str(fruit_data))
    offered = person.asked[1]
    assert offered["default"] == "stop"
    assert offered["facts"]["budgets"] == {"ram_bytes": 100}
    needed = offered["facts"]["nearest"]["ram_bytes"]
    assert needed > 200
    assert "still too little" in person.asked[2]["problem"]


@pytest.mark.parametrize(("answer", "limit"), [("nearest", None), ("ram=64KB", 65536)])
def test_a_feasible_budget_lets_the_run_go_on(
    tmp_path: Path, fruit_data: Path, script: Any, answer: str, limit: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("graph.search.architect.propose", stop)
    script()
    person = Person(confirm=["yes"], budget=[answer])
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "run", person, data=str(fruit_data))
    assert person.kinds == ["confirm", "budget"]
    limit = limit or person.asked[1]["facts"]["nearest"]["ram_bytes"]
    assert state_of(tmp_path / "run")["spec"].budgets == Budgets(ram_bytes=limit)


PAID = llm.Ladders(**{role: ("openai:gpt-4o",) for role in llm.ROLES if role != "validator"}, max_cost_usd=1e-7)  # type: ignore[arg-type]


@pytest.fixture
def paid(script: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The script in the place of a provider that costs money."""
    model = script()
    monkeypatch.setitem(llm.PROVIDERS, "openai", lambda _: model)
    return model


def test_the_cost_ceiling_asks_and_what_was_paid_is_not_paid_again(tmp_path: Path, fruit_data: Path, paid: Any) -> None:
    person = Person(cost=["0.00000001", "5"], confirm=["yes"])
    config = TIGHT.model_copy(update={"ladders": PAID})
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "run", person, config, data=str(fruit_data))
    assert person.kinds == ["confirm", "cost", "cost", "budget"]
    assert "are spent already" in person.asked[2]["problem"]
    assert person.asked[1]["facts"]["spent_usd"] > 1e-7
    assert [role for role, _ in paid.asked] == ["planner", "data"], "each question is asked once"
    assert state_of(tmp_path / "run")["ceiling_usd"] == 5.0
    assert not [
        span.error for span in read_trace(tmp_path / "run" / "trace.jsonl") if span.kind == "node" and span.error
    ]


def test_at_the_cost_ceiling_the_default_is_to_stop_and_a_higher_one_goes_on(
    tmp_path: Path, fruit_data: Path, paid: Any
) -> None:
    config = TIGHT.model_copy(update={"ladders": PAID})
    with pytest.raises(llm.CostCeiling, match="cost ceiling of 1e-07 USD is reached"):
        run(tmp_path / "run", Person(), config, data=str(fruit_data), confirm=False)
    with pytest.raises(llm.CostCeiling):
        execute(tmp_path / "run", None, Person())
    with pytest.raises(Infeasible):
        execute(tmp_path / "run", None, Person(), ceiling_usd=1.0)
    assert [role for role, _ in paid.asked] == ["planner", "data"]


def test_a_question_stands_over_a_restart_and_is_not_asked_twice(tmp_path: Path, fruit_data: Path, script: Any) -> None:
    script()
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "run", Person(), data=str(fruit_data))
    person = Person(confirm=["yes"])
    with pytest.raises(KeyboardInterrupt):
        execute(tmp_path / "run", None, person)
    assert person.kinds == ["confirm", "budget"]
    person = Person(budget=["stop"])
    with pytest.raises(Infeasible):
        execute(tmp_path / "run", None, person)
    assert person.kinds == ["budget"], "what was answered is not asked again"


def test_two_processes_do_not_work_on_one_run(tmp_path: Path, fruit_data: Path, script: Any) -> None:
    script()

    def intrude(question: dict[str, Any]) -> str:
        with pytest.raises(BadInput, match="another process works on"):
            execute(tmp_path / "run", None, Person())
        raise KeyboardInterrupt

    given: Any = {
        "request": FRUIT_REQUEST,
        "data": str(fruit_data),
        "run_dir": str(tmp_path / "run"),
        "config": TIGHT,
        "confirm": True,
    }
    with pytest.raises(KeyboardInterrupt):
        execute(tmp_path / "run", given, intrude)
