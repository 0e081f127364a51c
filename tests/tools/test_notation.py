"""Networks in few tokens: the compact form says all, and a word outside the vocabulary is named."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.artifacts import Architecture, Stage
from tools.errors import Fixable
from tools.notation import compact, expand, stage_pattern, stage_words

CHANNELS = st.integers(1, 512)
CONVOLUTION = st.builds(
    Stage,
    block=st.sampled_from(["conv", "dsconv"]),
    channels=CHANNELS,
    kernel=st.sampled_from([1, 3, 5, 7]),
    stride=st.sampled_from([1, 2]),
    depth=st.integers(1, 4),
    skip=st.booleans(),
)
INVERTED = st.builds(
    Stage,
    block=st.just("mbconv"),
    channels=CHANNELS,
    kernel=st.sampled_from([1, 3, 5, 7]),
    stride=st.sampled_from([1, 2]),
    depth=st.integers(1, 4),
    expansion=st.integers(1, 6),
    skip=st.booleans(),
)
STAGE = st.one_of(CONVOLUTION, INVERTED)
DENSE = st.builds(Stage, block=st.just("dense"), channels=CHANNELS)


def nets(form: str, stage: st.SearchStrategy[Stage]) -> st.SearchStrategy[Architecture]:
    listed = st.lists(stage, min_size=1, max_size=7).map(tuple)
    return st.builds(Architecture, form=st.just(form), stages=listed, activation=st.sampled_from(["relu", "relu6"]))


@given(st.one_of(nets("mlp", DENSE), nets("conv1d", STAGE), nets("conv2d", STAGE)))
def test_the_compact_form_says_all(arch: Architecture) -> None:
    assert expand(compact(arch).split(), arch.form) == arch


def test_the_compact_form_is_what_the_prompt_shows() -> None:
    stages = (
        Stage(block="conv", channels=8, kernel=5, stride=2),
        Stage(block="dsconv", channels=16, depth=2, skip=True),
    )
    assert compact(Architecture(form="conv1d", stages=stages)) == "cv5s2c8 +ds3c16d2"
    assert expand(["cv5s2c8d1", "+ds3s1c16d2"], "conv1d").stages == stages, "a stride or depth of 1 may be written"
    assert expand(["fc16", "fc8"], "mlp").stages[1] == Stage(block="dense", channels=8)


@pytest.mark.parametrize("form", ["mlp", "conv1d"])
def test_words_and_pattern_are_of_the_vocabulary(form: str) -> None:
    words = stage_words(form)
    assert len(words) == len(set(words))
    for word in words:
        assert compact(expand([word], form)) == word
        assert re.fullmatch(stage_pattern(form), word)
    assert not re.fullmatch(stage_pattern(form), "cv9c8")


def test_a_pattern_can_be_limited_to_a_part_of_the_space() -> None:
    pattern = stage_pattern("conv2d", blocks=("ds",), kernels="57", stride="s2", channels=(4, 6))
    assert [word for word in stage_words("conv2d") if re.fullmatch(pattern, word)] == [
        f"ds{k}s2c{c}{d}" for k in (5, 7) for c in (4, 6) for d in ("", "d2")
    ]


@pytest.mark.parametrize(
    ("words", "form", "problem"),
    [
        (["fc16", "ds3s1c8d1"], "mlp", "'ds3s1c8d1' is not a layer: write fc"),
        (["fc16"], "conv1d", "'fc16' is not a stage: write e.g. ds3s2c16"),
        (["cv4s1c8d1"], "conv2d", "'cv4s1c8d1' is not a stage"),
        (["cv3s1c8d9"], "conv2d", "'cv3s1c8d9' is not a stage"),
        (["cv3c8e4"], "conv2d", "'cv3c8e4' is not a stage"),
        (["mb3c8"], "conv2d", "'mb3c8' is not a stage"),
        (["cv3s1c8d1 "], "conv2d", "is not a stage"),
    ],
)
def test_a_word_that_is_not_in_the_vocabulary_is_named(words: list[str], form: str, problem: str) -> None:
    with pytest.raises(Fixable, match=problem):
        expand(words, form)
