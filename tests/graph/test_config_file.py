"""Settings from a file: defaults < file < flags, each mistake told in one line, and the two files that come along."""

from pathlib import Path

import pytest

from graph.config import RunConfig, make_config, parse_budgets, read_config
from tools.artifacts import Augment, Budgets
from tools.errors import BadInput

EVALS = Path(__file__).parents[2] / "evals"


def write(folder: Path, text: str) -> Path:
    path = folder / "my.toml"
    path.write_text(text)
    return path


def test_flags_go_before_the_file_and_the_file_before_the_defaults(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        'board = "uno"\ncandidates = 9\nepochs_mini = 7\nprofile = "openai"\nmax_cost_usd = 2\n'
        'budgets = {ram = "2KB", macs = 500}\nmodels = {planner = "local:x", data = "local:y"}\n',
    )
    config = make_config(
        None, {"planner": "local:z"}, path, candidates=3, epochs_mini=None, budgets=parse_budgets(["macs=70"])
    )
    assert (config.board, config.candidates, config.epochs_mini) == ("uno", 3, 7)
    assert config.epochs_full == RunConfig().epochs_full
    assert config.budgets == Budgets(ram_bytes=2048, macs=70)
    assert (config.ladders.planner, config.ladders.data) == (("local:z",), ("local:y",))
    assert config.ladders.architect[0].startswith("openai:")
    assert (config.profile, config.ladders.max_cost_usd) == ("openai", 2.0)
    assert make_config("local", {}, path).profile == "local"
    assert make_config(None, {}) == RunConfig()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("candidats = 3", "there is no setting 'candidats'; did you mean 'candidates'?"),
        ("ladders = 3", "there is no setting 'ladders'"),
        ("candidates = 0", "candidates: Input should be greater than or equal to 1"),
        ("candidates = ", "is not TOML"),
        ('augment = {flop = true}', "augment.flop"),
        ('teacher = {depth = "deep"}', "teacher.depth"),
        ("budgets = 3", "budgets: write a table"),
        ('budgets = {ram = "much"}', "'ram=much' is not a budget"),
        ("models = {planner = 3}", "models: write a table of roles"),
        ('max_cost_usd = "none"', "max_cost_usd: write a number"),
        ('early_stop = "never"', "early_stop"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_file_is_told_in_one_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_config(write(tmp_path, text))
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_or_a_wrong_core_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"cannot read .*none\.toml"):
        make_config("local", {}, tmp_path / "none.toml")
    with pytest.raises(BadInput, match="--core is 'mbed'"):
        make_config("local", {}, write(tmp_path, 'core = "mbed"'))


def test_the_papers_experiment_is_the_file_that_comes_along() -> None:
    paper = make_config(None, {}, EVALS / "cifar10.toml")
    assert (paper.board, paper.budgets) == ("nucleo_h743zi", Budgets(ram_bytes=320 * 1024, macs=100_000_000))
    assert (paper.epochs_mini, paper.epochs_full, paper.epochs_distil) == (30, 120, 50)
    assert paper.augment == Augment(flip=True, shift=4)
    assert paper.samples_max is None
    small = make_config(None, {}, EVALS / "cifar10_small.toml")
    assert small.board == paper.board
    assert small.samples_max is not None
    assert small.epochs_full < paper.epochs_full
