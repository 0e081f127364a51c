"""The three kinds of failure, and nothing else: who can do something about it decides the kind."""

from typing import Any

from hw.errors import BadInput as BadInput
from hw.errors import TinysmithError as TinysmithError


class Infeasible(TinysmithError):
    """No agent can do it: a true end, explained with numbers and the nearest feasible choice.

    `evidence` holds the figures behind the message, for the report.
    """

    exit_code = 3

    def __init__(self, message: str, **evidence: Any) -> None:
        super().__init__(message)
        self.evidence = evidence


class Fixable(TinysmithError):
    """An agent may do better on the next try; `evidence` is what it is shown. Costs budget.

    Uncaught, it means that the agents gave up within their budgets (exit code 4).
    """

    exit_code = 4

    def __init__(self, message: str, **evidence: Any) -> None:
        super().__init__(message)
        self.evidence = evidence


class Setup(TinysmithError):
    """Something is not installed; `mend` is the command that mends it."""

    exit_code = 5

    def __init__(self, message: str, mend: str = "make setup") -> None:
        super().__init__(f"{message} (mend it with: {mend})")
        self.mend = mend
