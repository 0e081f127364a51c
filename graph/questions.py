"""What a person is asked, in one schema: LangGraph interrupts, answered on a terminal, in Studio or over the API.

Each is asked before its node has done anything, because a node runs again from its start when the answer comes.
Without `confirm` in the run's input nobody is asked and the default is taken.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from langgraph.types import interrupt
from pydantic import BaseModel, ConfigDict

from tools.errors import BadInput

Kind = Literal["data", "confirm", "budget", "network", "disagreement", "cost", "flash"]


class Choice(BaseModel):
    """One answer that may be given, and what it means."""

    model_config = ConfigDict(frozen=True)

    value: str
    text: str = ""


class Question(BaseModel):
    """The payload of every interrupt, as JSON; the answer is a string."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    question: str
    choices: tuple[Choice, ...] = ()
    default: str = ""
    """What an empty answer means; empty: there is none, an answer is needed."""
    free: bool = False
    """Words besides the choices are an answer, too."""
    facts: dict[str, Any] = {}
    """What the answer depends on, for people and machines."""
    problem: str = ""
    """Why the last answer was not taken."""

    def settled(self, answer: Any) -> str:
        """The answer as one of the choices, or as it is where any words will do. Raises BadInput."""
        text = "yes" if answer is True else "no" if answer is False else str(answer or "").strip()
        text = text or self.default
        values = [choice.value for choice in self.choices]
        folded = text.lower()
        matching = [v for v in values if v.lower() == folded] or [v for v in values if v.lower().startswith(folded)]
        if text and len(matching) == 1:
            return matching[0]
        if text and self.free:
            return text
        raise BadInput(f"'{text}' is not an answer: write one of {', '.join(values)}" if text else "say something")


def ask(state: Mapping[str, Any], question: Question, check: Callable[[str], Any] = lambda answer: None) -> str:
    """The person's answer, or the default where nobody is to be asked; asked again while `check` raises BadInput."""
    if not state.get("confirm"):
        return question.default
    while True:
        answer = interrupt(question.model_dump(mode="json"))
        try:
            settled = question.settled(answer)
            check(settled)
            return settled
        except BadInput as error:
            question = question.model_copy(update={"problem": str(error)})


def ask_ceiling(state: Mapping[str, Any], spent_usd: float, ceiling_usd: float) -> float | None:
    """The new cost ceiling in USD, or None: stop."""
    raised = ceiling_usd + max(ceiling_usd, spent_usd - ceiling_usd)
    question = Question(
        kind="cost",
        question=f"{spent_usd:.4f} USD are spent, the ceiling of {ceiling_usd:g} USD is reached. Go on?",
        choices=(
            Choice(value="continue", text=f"up to {raised:g} USD"),
            Choice(value="stop", text="keep what is finished; the run can be resumed"),
        ),
        default="stop",
        free=True,
        facts={"spent_usd": spent_usd, "ceiling_usd": ceiling_usd, "raised_usd": raised},
    )

    def check(answer: str) -> float | None:
        if answer in ("continue", "stop"):
            return raised if answer == "continue" else None
        try:
            amount = float(answer.lower().removesuffix("usd").strip().removeprefix("$"))
        except ValueError as error:
            raise BadInput(f"'{answer}' is not an answer: write continue, stop, or a ceiling in USD") from error
        if not spent_usd < amount < float("inf"):
            raise BadInput(f"{spent_usd:.4f} USD are spent already: a new ceiling must be higher")
        return amount

    return check(ask(state, question, check))
