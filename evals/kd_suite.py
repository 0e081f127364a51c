"""The suite `kd`: does a vision transformer teach a small network more than the same epochs without it?

A case is a data set and a student; its runs are the seeds. Three networks of each seed are compared on the test part:
the student as trained, the student trained on without a teacher for as many epochs (the fair control), and the
distilled one. Both of the latter are only taken when they are better on the validation part.
"""

from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from evals.cases import read_cases
from evals.finding import Finding, holm, interval, p_text, wilcoxon_p
from evals.harness import Case, Context, Evidence, Sample, Score, Scorer, Suite
from evals.nas import Terms, prepared_data
from tools.artifacts import Architecture, Prepared, Trained
from tools.distill import STUDENT_LR, distil
from tools.notation import expand
from tools.search_space import form_of
from tools.teacher import TeacherConfig
from tools.train import load_network, train
from tools.weights import write_weights

ARMS = ("student", "trained on", "distilled")


class KdCase(Case):
    """A data set, a student in compact notation (tools/notation.py), and how long everything is trained."""

    data: str
    student: str
    epochs: int = 30
    epochs_distil: int = 25
    epochs_teacher: int = 40
    alpha: float = 0.7
    temperature: float = 4.0


def load() -> Sequence[KdCase]:
    """The cases of evals/cases/kd/*.yaml."""
    return read_cases("kd", KdCase)


def run(case: KdCase, context: Context) -> Evidence:
    """The three networks of one seed, and their accuracies."""
    folder = context.folder / case.data
    _, prepared = prepared_data(Terms(data=case.data), folder)
    run_dir = folder / f"{case.id.replace(' ', '-')}-{context.run}"
    run_dir.mkdir(parents=True, exist_ok=True)
    if not (run_dir / "data").exists():
        (run_dir / "data").symlink_to((folder / "data").resolve(), target_is_directory=True)
    arch = expand(case.student.split(), form_of(prepared.input_shape))
    return Evidence(facts=_compared(case, arch, prepared, run_dir, context.run))


def _compared(case: KdCase, arch: Architecture, prepared: Prepared, run_dir: Path, seed: int) -> dict[str, Any]:
    student = train(arch, prepared, run_dir, epochs=case.epochs, seed=seed)
    further = _trained_on(case, student, prepared, run_dir, seed)
    distilled = distil(
        student, prepared, run_dir, teacher=TeacherConfig(epochs=case.epochs_teacher), alpha=case.alpha,
        temperature=case.temperature, epochs=case.epochs_distil, seed=seed,
    )  # fmt: skip
    seen = {
        name: _accuracies(net, prepared, run_dir) for name, net in zip(ARMS, (student, further, distilled), strict=True)
    }
    return {
        "validation": {name: found[0] for name, found in seen.items()},
        "test": {name: found[1] for name, found in seen.items()},
        "kept": distilled.distilled,
        "kept_without": further is not student,
        "note": distilled.note,
        "student_seconds": student.seconds,
    }


def _trained_on(case: KdCase, student: Trained, prepared: Prepared, run_dir: Path, seed: int) -> Trained:
    """The student after as many epochs as distillation has, with the labels alone; itself where that is no better."""
    from torch.nn import functional as F

    from tools.fitting import Plan, enough_memory, evaluate, fit, read_tensors, seeded, threads_for

    tensors = read_tensors(prepared, run_dir)
    with enough_memory(), seeded(seed, threads_for(tensors)):
        net = load_network(student, run_dir).to(tensors.x["train"].device)
        before = evaluate(net, tensors, "validation")
        fitted = fit(
            net, tensors, Plan(case.epochs_distil, seed, lr=STUDENT_LR),
            lambda logits, labels, _: F.cross_entropy(logits, labels, weight=tensors.weights),
        )  # fmt: skip
        if (fitted.accuracy, -fitted.loss) <= (before[0], -before[1]):
            return student
    write_weights(run_dir / "model/trained_on.pt", net)
    return student.model_copy(update={"weights": "model/trained_on.pt", "accuracy_validation": fitted.accuracy})


def _accuracies(trained: Trained, prepared: Prepared, run_dir: Path) -> tuple[float, float]:
    """(validation, test)."""
    from tools.fitting import evaluate, read_tensors

    tensors = read_tensors(prepared, run_dir)
    net = load_network(trained, run_dir).to(tensors.x["train"].device)
    return evaluate(net, tensors, "validation")[0], evaluate(net, tensors, "test")[0]


def guarded(_: KdCase, seen: Evidence) -> Score:
    """The guard holds: what is shipped is never worse on the validation part than the student."""
    if "validation" not in seen.facts:
        return Score(passed=False, failure="not run")
    student, shipped = (seen.facts["validation"][name] for name in ("student", "distilled"))
    return Score(
        passed=shipped >= student, failure="guard let a worse one pass", note=f"{shipped:.4f} after {student:.4f}"
    )


# --- findings --------------------------------------------------------------------------------------------


def findings(samples: Sequence[Sample]) -> list[Finding]:
    """Each arm's accuracy on the test part, and paired tests over the seeds."""
    return [
        _compared_arms(name, [s.evidence.facts for s in samples if s.case == name and "test" in s.evidence.facts])
        for name in dict.fromkeys(s.case for s in samples if "test" in s.evidence.facts)
    ]


def _compared_arms(name: str, facts: Sequence[dict[str, Any]]) -> Finding:
    test = {arm: [f["test"][arm] for f in facts] for arm in ARMS}
    pairs = (("distilled", "student"), ("distilled", "trained on"), ("trained on", "student"))
    p_values = holm([wilcoxon_p(test[a], test[b]) for a, b in pairs])
    rows = [
        (
            arm, str(len(facts)), interval([100 * v for v in test[arm]]).shown(2),
            f"{100 * mean(f['validation'][arm] for f in facts):.2f}",
        )
        for arm in ARMS
    ]  # fmt: skip
    told = [_told(*pair, test, p) for pair, p in zip(pairs, p_values, strict=True)]
    kept, without = sum(f["kept"] for f in facts), sum(f["kept_without"] for f in facts)
    told.append(
        f"The guard kept the distilled network in {kept} of {len(facts)} seeds and rolled back to the student in the "
        f"rest; without a teacher, training on was better on the validation part in {without}."
    )
    return Finding(
        title=f"{name}: accuracy in percent",
        columns=("network", "seeds", "test (95 % interval)", "validation"),
        rows=tuple(rows),
        sentences=tuple(told),
    )


def _told(ours: str, theirs: str, test: dict[str, list[float]], p: float | None) -> str:
    gains = [100 * (a - b) for a, b in zip(test[ours], test[theirs], strict=True)]
    return (
        f"{ours} less {theirs}: {interval(gains).shown(2)} points on the test part, better in "
        f"{sum(gain > 0 for gain in gains)} and worse in {sum(gain < 0 for gain in gains)} of {len(gains)} seeds "
        f"(Wilcoxon, Holm-adjusted p {p_text(p)})."
    )


SUITE = Suite(
    name="kd",
    title="Distillation: with a teacher, without one for as many epochs, and not at all",
    load=load,
    run=run,
    scorers=(Scorer("guard", 1, guarded),),
    columns=("passed", "seconds", "failures"),
    uses_models=False,
    findings=findings,
)
