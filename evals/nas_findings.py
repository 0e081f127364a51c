"""What the samples of `nas` say together: hypervolume by strategy with paired tests, the model's and validator's work.

Strategies are compared on the same data set and seed, which share their trained networks; a seed is a pair.
"""

from collections.abc import Iterable, Sequence
from statistics import mean
from typing import Any

from evals.finding import Curve, Finding, curve, holm, interval, p_text, wilcoxon_p
from evals.harness import Sample
from evals.summary import percent
from graph.config import RunConfig
from tools.choices import Sampled, effects
from tools.notation import expand

_LEGEND = (
    "On the way: mean hypervolume over all steps; accuracy: of the best network; × random, better and p: hypervolume "
    "against random search of the same seeds (two-sided Wilcoxon, Holm-adjusted over the strategies)."
)
DEFAULT = str(RunConfig.model_fields["strategy"].default)
BASELINE = "random"
_MOST_EFFECTS = 12
Facts = dict[str, Any]


def findings(samples: Sequence[Sample]) -> list[Finding]:
    """Everything that can be said of these samples, data set by data set."""
    facts = [s.evidence.facts for s in samples if s.evidence.facts.get("curve")]
    found: list[Finding] = []
    for data in dict.fromkeys(f["data"] for f in facts):
        of_data = [f for f in facts if f["data"] == data]
        found += [_hypervolumes(data, of_data), *_choices(data, of_data)]
    stopped = [f for f in facts if f.get("early_stop")]
    found += [_early_stop(stopped)] if stopped else []
    asked = [f for f in facts if "architect" in f]
    return found + ([_architect(asked), _validator(asked)] if asked else [])


def _strategies(facts: Sequence[Facts]) -> list[str]:
    return list(dict.fromkeys(f["strategy"] for f in facts))


def _by_seed(facts: Sequence[Facts], strategy: str) -> dict[int, Facts]:
    return {f["seed"]: f for f in facts if f["strategy"] == strategy}


def _end(facts: Facts) -> float:
    return float(facts["curve"][-1])


# --- strategies ------------------------------------------------------------------------------------------


def _hypervolumes(data: str, facts: Sequence[Facts]) -> Finding:
    strategies = _strategies(facts)
    networks = min(len(f["curve"]) for f in facts)
    pairs = {name: _pairs(facts, name, BASELINE) for name in strategies if name != BASELINE}
    adjusted = dict(zip(pairs, holm([wilcoxon_p(*pair) for pair in pairs.values()]), strict=True))
    rows = [_row(name, facts, pairs.get(name), adjusted.get(name)) for name in strategies]
    curves = [curve(name, [f["curve"] for f in _by_seed(facts, name).values()]) for name in strategies]
    return Finding(
        title=f"{data}: hypervolume after {networks} trained networks",
        columns=(
            "strategy", "seeds", "hypervolume (95 %)", "on the way", "accuracy", "× random", "better", "p (Holm)",
            "training s", "model s",
        ),
        rows=tuple(rows),
        sentences=(*_sentences(data, facts, adjusted), _LEGEND),
        curves=tuple(Curve.model_validate(c) for c in curves),
        axes=("trained networks", "hypervolume"),
    )  # fmt: skip


def _pairs(facts: Sequence[Facts], ours: str, theirs: str) -> tuple[list[float], list[float]]:
    one, other = _by_seed(facts, ours), _by_seed(facts, theirs)
    seeds = [seed for seed in one if seed in other]
    return [_end(one[s]) for s in seeds], [_end(other[s]) for s in seeds]


def _row(
    name: str, facts: Sequence[Facts], pair: tuple[list[float], list[float]] | None, p: float | None
) -> tuple[str, ...]:
    mine = list(_by_seed(facts, name).values())
    compared = ("–", "–", "–")
    if pair and pair[0]:
        ratio, wins = mean(a / b for a, b in zip(*pair, strict=True)), sum(a > b for a, b in zip(*pair, strict=True))
        compared = (f"{ratio:.3f}", f"{wins} of {len(pair[0])}", p_text(p))
    return (
        name, str(len(mine)), interval([_end(f) for f in mine]).shown(),
        f"{mean(mean(f['curve']) for f in mine):.4f}", percent(mean(f["accuracy"] for f in mine)), *compared,
        f"{mean(f['training_seconds'] for f in mine):.0f}", f"{mean(_model_seconds(f) for f in mine):.0f}",
    )  # fmt: skip


def _model_seconds(facts: Facts) -> float:
    return sum(float(facts.get(role, {}).get("seconds", 0.0)) for role in ("architect", "validator"))


def _sentences(data: str, facts: Sequence[Facts], adjusted: dict[str, float | None]) -> Iterable[str]:
    ours, theirs = _pairs(facts, DEFAULT, BASELINE)
    if ours:
        ratio = mean(a / b for a, b in zip(ours, theirs, strict=True))
        yield (
            f"The default strategy ({DEFAULT}) reaches {ratio:.3f} times the hypervolume of random search on {data} "
            f"(mean of {len(ours)} paired seeds; Wilcoxon, Holm-adjusted p {p_text(adjusted.get(DEFAULT))})."
        )
    for other in [name for name in _strategies(facts) if name not in (DEFAULT, BASELINE)]:
        ours, theirs = _pairs(facts, DEFAULT, other)
        if ours:
            ratio = mean(a / b for a, b in zip(ours, theirs, strict=True))
            better = sum(a > b for a, b in zip(ours, theirs, strict=True))
            yield (
                f"{DEFAULT} against {other}: {ratio:.3f} times the hypervolume, better in {better} of {len(ours)} "
                f"seeds (p {p_text(wilcoxon_p(ours, theirs))}, not adjusted)."
            )
    with_feedback, without = _pairs(facts, "llm", "blind")
    if with_feedback:
        better = sum(a > b for a, b in zip(with_feedback, without, strict=True))
        yield (
            f"Feedback: {mean(with_feedback):.4f} with, {mean(without):.4f} without; better in {better} of "
            f"{len(without)} seeds (p {p_text(wilcoxon_p(with_feedback, without))}, not adjusted)."
        )


def _choices(data: str, facts: Sequence[Facts]) -> list[Finding]:
    """Effects of design choices over the networks that random search drew, which no strategy has biased."""
    nets = [
        Sampled(expand(words.split(), f["form"]), accuracy, macs, on_front)
        for f in facts
        if f["strategy"] == BASELINE
        for words, accuracy, macs, on_front in f["networks"]
    ]
    told = [e for e in effects(nets) if e.accuracy is not None][:_MOST_EFFECTS]
    if not told:
        return []
    rows = tuple(
        (
            e.name, f"{e.on_front} of {e.front}", f"{e.count} of {e.of}", f"{100 * (e.accuracy or 0):+.1f} points",
            f"{100 * e.accuracy_low:+.1f} to {100 * e.accuracy_high:+.1f}", f"{e.macs:.2g}",
        )
        for e in told
    )  # fmt: skip
    return [
        Finding(
            title=f"{data}: what came with a design choice, over {len(nets)} random networks",
            columns=("choice", "on a front", "of all", "accuracy with it", "95 % interval", "× MACs"),
            rows=rows,
            sentences=("Differences of means: other choices vary along with each one, so they prove no cause.",),
        )
    ]


def _early_stop(facts: Sequence[Facts]) -> Finding:
    """Replayed over the full trainings of random search, whose proposals depend on no accuracy."""
    rows, told = [], []
    for data in dict.fromkeys(f["data"] for f in facts):
        runs = [f["early_stop"] for f in facts if f["data"] == data]
        for rule in runs[0]:
            ends = [run[rule]["hypervolume"] for run in runs]
            epochs, whole = (sum(run[name]["epochs"] for run in runs) for name in (rule, "none"))
            given_up = sum(run[rule].get("given_up", 0) for run in runs)
            rows.append((data, rule, f"{epochs:,}", percent(1 - epochs / whole), str(given_up), interval(ends).shown()))
            losses = [run["none"]["hypervolume"] - run[rule]["hypervolume"] for run in runs]
            if rule != "none":
                told.append(
                    f"{data}: the {rule} rule saves {percent(1 - epochs / whole)} of the epochs and loses hypervolume "
                    f"in {sum(loss > 0 for loss in losses)} of {len(losses)} seeds, {max(losses):.5f} at most."
                )
    return Finding(
        title="Early stopping, replayed over the learning curves of random search",
        columns=("data", "rule", "epochs", "saved", "given up", "hypervolume (95 % interval)"),
        rows=tuple(rows),
        sentences=tuple(told),
    )


# --- language model --------------------------------------------------------------------------------------


def _architect(facts: Sequence[Facts]) -> Finding:
    groups = {name: [f for f in facts if f["strategy"] == name] for name in _strategies(facts)}
    rows = [(name, *_architect_row(group)) for name, group in groups.items()]
    mine = groups.get(DEFAULT) or list(facts)
    calls, valid = _sum(mine, "architect", "calls"), _sum(mine, "architect", "valid")
    said, fits = sum(f["proposals"] for f in mine), sum(f["in_budget"] for f in mine)
    new = said - sum(f["duplicates"] for f in mine)
    seconds = sum(_model_seconds(f) for f in mine) / max(said, 1)
    return Finding(
        title="The architect's proposals",
        columns=(
            "strategy", "answers in schema", "proposals", "can be built", "within budget",
            "within budget after round 2", "seen before",
            "untrue claims", "s a proposal", "tokens a proposal", "s of the validator",
            "skipped", "its share of the trained", "its share of the fronts",
        ),
        rows=tuple(rows),
        sentences=(
            f"{valid} of {calls} answers keep the schema; {fits} of {new} new proposals ({percent(_share(fits, new))}) "
            f"keep every budget at the first shot; a proposal takes {seconds:.2f} s of the language model, the "
            "validator's included.",
            *_worth(mine),
        ),
    )  # fmt: skip


def _worth(facts: Sequence[Facts]) -> Iterable[str]:
    """How good the language model's networks were beside the others of the same searches."""
    kept = {where: [sum(f[where].get("llm", 0) for f in facts), sum(sum(f[where].values()) for f in facts)]
            for where in ("authors", "on_front")}  # fmt: skip
    (trained, of_trained), (front, of_front) = kept.values()
    if of_trained > trained and of_front:
        yield (
            f"{percent(trained / of_trained)} of the trained networks and {percent(front / of_front)} of the fronts "
            "are the language model's; the rest was calculated."
        )


def _architect_row(facts: Sequence[Facts]) -> tuple[str, ...]:
    total = {key: sum(f[key] for f in facts) for key in (
        "proposals", "buildable", "in_budget", "late", "late_in_budget", "duplicates", "flagged"
    )}  # fmt: skip
    said = total["proposals"]
    new = said - total["duplicates"]
    return (
        f"{_sum(facts, 'architect', 'valid')} of {_sum(facts, 'architect', 'calls')}", str(said),
        f"{total['buildable']} of {new}", f"{total['in_budget']} ({percent(_share(total['in_budget'], new))})",
        f"{total['late_in_budget']} of {total['late']}", str(total["duplicates"]), str(total["flagged"]),
        f"{_sum(facts, 'architect', 'seconds') / max(said, 1):.2f}",
        f"{_sum(facts, 'architect', 'tokens') / max(said, 1):.0f}", f"{_sum(facts, 'validator', 'seconds'):.0f}",
        str(sum(f["skipped"] for f in facts)), _written(facts, "authors"), _written(facts, "on_front"),
    )  # fmt: skip


def _written(facts: Sequence[Facts], where: str) -> str:
    """How many of the networks trained or on a front the language model wrote."""
    mine = sum(f[where].get("llm", 0) for f in facts)
    return f"{mine} of {sum(sum(f[where].values()) for f in facts)}"


def _sum(facts: Sequence[Facts], role: str, key: str) -> int:
    return round(sum(f[role][key] for f in facts))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _validator(facts: Sequence[Facts]) -> Finding:
    """What the validator's changes are worth, against a change drawn at random and against always the same one."""
    rescue = [f["rescue"] for f in facts]
    total = {key: sum(r[key] for r in rescue) for key in (
        "violating", "advised", "rescued", "trained", "on_front", "by_chance"
    )}  # fmt: skip
    tokens = _sum(facts, "validator", "tokens")
    rules = {name: sum(r["best_rule"][name] for r in rescue) for name in rescue[0]["best_rule"]}
    best = max(rules, key=lambda name: rules[name])
    violating, rescued = total["violating"], total["rescued"]
    return Finding(
        title="The validator's worth",
        columns=("", "violating proposals", "brought into budget", "trained", "on a front", "tokens"),
        rows=(
            ("the validator's change", str(violating), f"{rescued} ({percent(_share(rescued, violating))})",
             str(total["trained"]), str(total["on_front"]), str(tokens)),
            ("a change drawn at random", str(violating),
             f"{total['by_chance']:.1f} ({percent(_share(total['by_chance'], violating))})", "–", "–", "0"),
            (f"always {best.replace('_', ' ')}", str(violating),
             f"{rules[best]} ({percent(_share(rules[best], violating))})", "–", "–", "0"),
        ),
        sentences=(
            (f"{tokens / rescued:,.0f} tokens of the validator for each proposal brought into budget"
             if rescued else "No proposal was brought into budget") + f"; it advised a change for {total['advised']} "
            f"of {violating}. It is asked only about proposals that break a budget.",
        ),
    )  # fmt: skip
