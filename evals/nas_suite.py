"""The suite `nas`: search strategies on equal terms; a case is a data set and a strategy, its runs are the seeds.

`--runs 10` takes the seeds 1 to 10, `--only 'digits*'` a data set, `--only 'digits random'` one strategy of it.
"""

from collections.abc import Sequence
from functools import partial

from pydantic import Field

from agents.llm import Ladders
from evals.cases import read_cases
from evals.harness import Case, Context, Evidence, Score, Scorer, Suite
from evals.nas import Strategy, Terms, search
from evals.nas_findings import findings


class Plan(Terms):
    """One entry of evals/cases/nas/*.yaml: a data set, and the strategies to try on it."""

    strategies: tuple[Strategy, ...] = Field(min_length=1)


class NasCase(Case):
    """A strategy under its terms."""

    terms: Terms
    strategy: Strategy


def load(only: Sequence[Strategy] | None = None) -> list[NasCase]:
    """A case for each data set and strategy."""
    return [
        NasCase(
            id=f"{plan.data} {strategy}",
            group=f"{plan.data} {strategy}",
            terms=Terms.model_validate(plan.model_dump(exclude={"strategies"})),
            strategy=strategy,
        )
        for plan in read_cases("nas", Plan)
        for strategy in plan.strategies
        if only is None or strategy in only
    ]


def run(case: NasCase, context: Context) -> Evidence:
    """One search; the number of the run is its seed."""
    ladders = Ladders.model_validate(context.settings.get("models", {}))
    facts = search(case.terms, case.strategy, context.run, context.folder / case.terms.data, ladders)
    facts |= {"data": case.terms.data, "strategy": case.strategy, "seed": context.run}
    tokens = sum(facts.get(role, {}).get("tokens", 0) for role in ("architect", "validator"))
    return Evidence(facts=facts, tokens=tokens, tries=len(facts["curve"]), seconds=facts["seconds"])


def complete(case: NasCase, seen: Evidence) -> Score:
    """Whether the search trained as many networks as it was to, none of them over budget."""
    trained, over = len(seen.facts.get("curve", ())), seen.facts.get("over_budget", 0)
    if over:
        return Score(passed=False, failure="trained over budget", note=f"{over} networks")
    short = trained < case.terms.networks
    return Score(passed=not short, failure="too few networks", note=f"{trained} of {case.terms.networks}" * short)


def make_suite(name: str, title: str, only: Sequence[Strategy] | None = None) -> Suite:
    """The suite over all strategies, or over some."""
    return Suite(
        name=name,
        title=title,
        load=partial(load, only),
        run=run,
        scorers=(Scorer("complete", 2, complete),),
        columns=("passed", "tokens", "failures"),
        uses_models=only is None,
        findings=findings,
    )


SUITE = make_suite("nas", "Network search: the architect with and without feedback against search without a model")
