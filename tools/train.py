"""Train networks: one for good, or many candidates briefly and in parallel. Finished trainings are kept and reused."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.artifacts import Architecture, Candidate, Prepared, Trained
from tools.errors import BadInput, Fixable, TinysmithError
from tools.progress import report
from tools.pruning import Finished, Pruner
from tools.store import content_hash, read_model, write_bytes, write_json
from tools.trace import traced_tool
from tools.workers import Died, Tell, Workers, shared_workers

if TYPE_CHECKING:  # importing torch takes seconds, which the parent of the workers need not wait for
    from torch import nn

    from tools.fitting import OnEpoch
    from tools.network import Network

CACHE = "search/cache"
TRAINED = "model/trained.pt"
MODEL = "model/model.pt"
"""The accepted network: the trained one, later the distilled one if that is better."""
MINI_SAMPLES = 5000
"""Training samples of a mini-training at most: enough to rank candidates."""
_GIVEN_UP = ".given_up"
_VERSION = 1
"""Raised when the training itself changes, so that old results are not reused."""


@dataclass(frozen=True)
class Training:
    """Everything that decides the result of a training, and where its run folder is."""

    architecture: Architecture
    prepared: Prepared
    run_dir: Path
    epochs: int
    seed: int
    lr: float | None
    """Highest learning rate; None: that of tools.fitting.Plan."""
    limit: int | None = None
    """Training samples used at most."""
    floors: tuple[float, ...] = ()
    """Per epoch the accuracy below which it is given up (tools/pruning.py); then the result is no one else's."""

    @property
    def key(self) -> str:
        """Identity of the training: its result is kept under this name in search/cache."""
        augment = [step.model_dump(mode="json") for step in self.prepared.recipe.steps if step.step == "augment"]
        return content_hash(
            {
                "architecture": self.architecture.model_dump(mode="json"),
                "prepared": self.prepared.sha256,
                "augment": augment,
                "numbers": [self.epochs, self.seed, self.lr, self.limit, _VERSION],
            }
        )

    def run(self, on_epoch: "OnEpoch | None" = None, threads: int | None = None) -> Trained:
        """The kept result, or that of training now; weights under search/cache. Raises Fixable.

        `threads` of torch; None: one for small sets, else all cores.
        """
        return read_result(self.run_dir, self.key) or self._train(on_epoch, threads)

    def _train(self, on_epoch: "OnEpoch | None", threads: int | None) -> Trained:
        from tools.fitting import Plan, cross_entropy, enough_memory, evaluate, fit, read_tensors, seeded, threads_for
        from tools.network import build_network

        started = time.monotonic()
        tensors = read_tensors(self.prepared, self.run_dir, self.limit)
        plan = Plan(self.epochs, self.seed) if self.lr is None else Plan(self.epochs, self.seed, self.lr)
        with enough_memory(), seeded(self.seed, threads or threads_for(tensors)):
            net = build_network(self.architecture, self.prepared.input_shape, len(self.prepared.classes))
            net.to(tensors.x["train"].device)
            fitted = fit(net, tensors, plan, cross_entropy(plan, tensors), on_epoch, self.floors)
            accuracy_train = evaluate(net, tensors, "train")[0]
        trained = Trained(
            architecture=self.architecture,
            input_shape=self.prepared.input_shape,
            classes=self.prepared.classes,
            weights=f"{CACHE}/{self.key}.pt",
            accuracy_train=accuracy_train,
            accuracy_validation=fitted.accuracy,
            epochs=fitted.epochs,
            seconds=round(time.monotonic() - started, 3),
            curve=tuple(fitted.curve),
        )
        if not fitted.given_up:
            return keep_result(self.run_dir, self.key, trained, net)
        # Without weights, for it is only held against others; under another name, for it depends on what came before.
        note = f"given up after epoch {fitted.epochs} of {plan.epochs}: behind half of the networks that cost no more"
        stopped = trained.model_copy(update={"weights": "", "note": note})
        write_json(self.run_dir / CACHE / f"{self.key}{_GIVEN_UP}.json", stopped)
        return stopped


def read_result(run_dir: Path, key: str) -> Trained | None:
    """The training kept under `key`, if it finished."""
    path = run_dir / CACHE / f"{key}.json"
    return read_model(path, Trained) if path.exists() else None


def keep_result(run_dir: Path, key: str, trained: Trained, net: "nn.Module") -> Trained:
    """Write the weights to `trained.weights`, then the artefact that says they are complete."""
    from tools.weights import write_weights

    write_weights(run_dir / trained.weights, net)
    write_json(run_dir / CACHE / f"{key}.json", trained)
    return trained


def load_network(trained: Trained, run_dir: Path) -> "Network":
    """The network with its weights, on the CPU and in evaluation mode. Raises BadInput when they cannot be read."""
    from tools.network import build_network
    from tools.weights import read_weights

    net = build_network(trained.architecture, trained.input_shape, len(trained.classes))
    state = read_weights(run_dir / trained.weights)
    try:
        net.load_state_dict(state)
    except RuntimeError as error:
        raise BadInput(f"{run_dir / trained.weights} does not hold this network's weights: train again") from error
    return net.eval()


@traced_tool
def train(
    architecture: Architecture,
    prepared: Prepared,
    run_dir: Path,
    *,
    epochs: int = 120,
    seed: int = 1,
    lr: float | None = None,
) -> Trained:
    """Train one network in full and write model/trained.pt and model/model.pt.

    Reports stage `train` per epoch. Raises Fixable when the network cannot be built, does not fit into memory, or its
    loss is no longer finite. The same inputs give the same weights, and are not trained twice in a run folder.
    """

    def on_epoch(epoch: int, total: int, accuracy: float) -> None:
        report("train", f"validation accuracy {accuracy:.3f}", epoch, total, accuracy=accuracy)

    return publish(Training(architecture, prepared, run_dir, epochs, seed, lr).run(on_epoch), run_dir, TRAINED)


def publish(trained: Trained, run_dir: Path, name: str) -> Trained:
    """Copy the weights to `name` and to model/model.pt; the artefact then points at `name`."""
    content = (run_dir / trained.weights).read_bytes()
    write_bytes(run_dir / name, content)
    write_bytes(run_dir / MODEL, content)
    return trained.model_copy(update={"weights": name})


@traced_tool
def mini_train(
    candidates: Sequence[Candidate],
    prepared: Prepared,
    run_dir: Path,
    *,
    epochs: int = 30,
    seed: int = 1,
    lr: float | None = None,
    workers: Workers | None = None,
    limit: int | None = MINI_SAMPLES,
    pruner: Pruner | None = None,
    settled: Sequence[Candidate] = (),
) -> list[Candidate]:
    """Train candidates briefly, in parallel processes; the same candidates come back as `trained` or `failed`.

    `accuracy` is that on the validation part. A candidate whose process is killed is tried once more. Reports stage
    `mini-train`. The processes (default: tools.workers.shared_workers) stay alive for the next round. With a `pruner`
    a candidate is given up early when the `settled` ones of earlier rounds leave it no hope: it counts as trained, with
    the accuracy that it had, and its `reason` says so.
    """

    jobs = [Training(c.architecture, prepared, run_dir, epochs, seed, lr, limit) for c in candidates]
    if pruner is not None:
        before = [replace(jobs[0], architecture=c.architecture) for c in settled] if jobs else []
        jobs = _with_floors(jobs, candidates, _finished(settled, before), pruner)
    results: list[Any] = [read_result(run_dir, job.key) for job in jobs]
    waiting = [i for i, result in enumerate(results) if result is None]
    done = len(jobs) - len(waiting)

    def on_tell(index: int, message: tuple[int, int, float]) -> None:
        nonlocal done
        epoch, total, accuracy = message
        done += epoch == total
        name = candidates[waiting[index]].id
        text = f"{name}: epoch {epoch} of {total}, validation accuracy {accuracy:.3f}"
        counted = min(done, len(jobs) - 1)  # the last one is told below: what stops early never reaches its last epoch
        report("mini-train", text, counted, len(jobs), candidate=name, epoch=epoch, accuracy=accuracy)

    if waiting:
        pool = workers or shared_workers()
        for i, result in zip(waiting, pool.run(run_job, [jobs[i] for i in waiting], on_tell), strict=True):
            results[i] = result
        report("mini-train", f"{len(jobs)} networks, up to {epochs} epochs each", len(jobs), len(jobs))
    return [_with_result(c, result) for c, result in zip(candidates, results, strict=True)]


def _with_floors(
    jobs: Sequence[Training], candidates: Sequence[Candidate], finished: Sequence[Finished], pruner: Pruner
) -> list[Training]:
    return [
        replace(job, floors=pruner.floors(c.estimate, finished, job.epochs)) if c.estimate else job
        for c, job in zip(candidates, jobs, strict=True)
    ]


def _finished(settled: Sequence[Candidate], jobs: Sequence[Training]) -> list[Finished]:
    """The earlier trainings with their accuracies, those that were given up as well."""
    found = []
    for candidate, job in zip(settled, jobs, strict=True):
        if candidate.status != "trained" or candidate.estimate is None:
            continue
        result = read_result(job.run_dir, job.key) or read_result(job.run_dir, f"{job.key}{_GIVEN_UP}")
        if result is not None:
            found.append(Finished(candidate.estimate, tuple(point["accuracy_validation"] for point in result.curve)))
    return found


def run_job(job: Training, tell: Tell) -> Trained:
    """A mini-training, in a worker; tells (epoch, epochs, validation accuracy)."""
    # One thread each: more would wait for each other where as many processes as cores are at work.
    return job.run(lambda epoch, total, accuracy: tell((epoch, total, accuracy)), threads=1)


def _with_result(candidate: Candidate, result: Trained | Died | TinysmithError) -> Candidate:
    if isinstance(result, Trained):
        change: dict[str, Any] = {
            "status": "trained",
            "accuracy": result.accuracy_validation,
            "seconds": result.seconds,
            "reason": result.note,
        }
    elif isinstance(result, Died):
        change = {"status": "failed", "reason": result.reason}
    elif isinstance(result, Fixable):
        change = {"status": "failed", "reason": str(result)}
    else:
        raise result  # no candidate's fault: the data or the installation
    return candidate.model_copy(update=change)
