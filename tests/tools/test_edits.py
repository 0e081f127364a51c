"""Proposals in few tokens: every edit that is offered is new, within budget and true, and is read as it was meant."""

import random
import re

import pytest

from tests.tools.feasible import feasible
from tools.artifacts import Budgets, Candidate
from tools.claims import false_claims
from tools.edits import CLAIMS, GOALS, claims, edits, new_pattern, pattern_of, read
from tools.errors import Fixable
from tools.notation import compact, expand, stage_words

SHAPE = (8, 8, 1)
BUDGETS = Budgets(macs=60_000, arena_bytes=3000)
cost = feasible(SHAPE, BUDGETS)


def parent(name: str, net: str) -> Candidate:
    arch = expand(net.split(), "conv2d")
    return Candidate(
        id=name, round=1, author="llm", architecture=arch, estimate=cost(arch), status="trained", accuracy=0.5
    )


PARENTS = {
    "A": parent("r1n0", "cv3s2c16 ds3c24 relu6"),
    "B": parent("r1n1", "ds5s2c8"),
    "C": parent("r1n2", "cv3s2c4 cv3c8 ds3c12"),
}
STOCK = {letter: c.architecture for letter, c in PARENTS.items()}


@pytest.mark.parametrize(
    ("text", "net"),
    [
        ("A fewer MACs: 2cv3c8", "cv3s2c16 cv3c8 relu6"),
        ("A more accurate: 3+mb3c8e2", "cv3s2c16 ds3c24 +mb3c8e2 relu6"),
        ("A fewer MACs: -1", "ds3c24 relu6"),
        ("A fewer MACs: 2C", "cv3s2c16 cv3c8 ds3c12 relu6"),
        (" B more accurate: 2A ", "ds5s2c8 ds3c24"),
        ("B less arena:1ds3s2c4", "ds3s2c4"),
        ("early stride: cv3s2c8 ds3c12", "cv3s2c8 ds3c12"),
    ],
)
def test_a_proposal_is_read_as_it_was_meant(text: str, net: str) -> None:
    assert compact(read(text, "conv2d", STOCK).architecture) == net


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("D fewer MACs: -1", "changes network D, which there is not"),
        ("B fewer MACs: -1", "has a single stage, which cannot be left out"),
        ("B fewer MACs: -2", "has 1 stages, and no place 2"),
        ("B fewer MACs: 3cv3c8", "has 1 stages, and no place 3"),
        ("B fewer MACs: 0cv3c8", "has 1 stages, and no place 0"),
        ("B fewer MACs: 1fc8", "'fc8' is not a stage"),
        ("cv3c8", "is no proposal"),
        ("", "is no proposal"),
    ],
)
def test_what_says_nothing_is_told(text: str, problem: str) -> None:
    with pytest.raises(Fixable, match=re.escape(problem)):
        read(text, "conv2d", STOCK)


@pytest.mark.parametrize("letter", PARENTS)
def test_every_edit_offered_is_new_within_budget_and_true(letter: str) -> None:
    known = {compact(c.architecture) for c in PARENTS.values()} | {"ds3s2c8", "cv3s2c16"}
    before = set(known)
    found = edits(letter, PARENTS, known, cost, random.Random(3))
    assert len(found) > 20
    assert {text.split(": ")[0][2:] for text in found} <= set(GOALS)
    assert letter != "A" or {text.split(": ")[0][2:] for text in found} == set(GOALS)
    for text in found:
        made = read(text, "conv2d", STOCK)
        said = Candidate(
            id="r2n0", round=2, author="llm", architecture=made.architecture, estimate=cost(made.architecture),
            rationale=f"{made.claim} than {PARENTS[made.parent].id}", status="proposed",
        )  # fmt: skip
        assert compact(made.architecture) not in before
        assert said.estimate is not None
        assert false_claims(said, {c.id: c for c in PARENTS.values()}) == ()
    assert edits(letter, PARENTS, known, cost, random.Random(3)) == [], "what was offered is known from then on"


def test_edits_of_other_parents_and_drops_are_offered() -> None:
    changes = {text.split(": ")[1] for text in edits("C", PARENTS, set(), cost, random.Random(1))}
    assert {"-1", "-2", "-3", "2A"} <= changes
    assert "2B" not in changes, "B has no second stage"


def test_a_pattern_is_exactly_its_texts() -> None:
    texts = ["A fewer MACs: -1", "A fewer MACs: 1+cv3c4", "A fewer MACs: 1+cv3c48", "A less arena: 2B"]
    pattern = pattern_of(texts)
    for text in texts:
        assert re.fullmatch(pattern, text)
    for other in ("", "A fewer MACs: 1+cv3c8", "A fewer MACs: 1+cv3c", "A less arena: 2", "A less arena: 2B2"):
        assert not re.fullmatch(pattern, other)
    words = stage_words("conv2d")
    assert all(re.fullmatch(pattern_of(words), word) for word in words)


@pytest.mark.parametrize("form", ["mlp", "conv2d"])
def test_the_claims_of_new_networks_are_true_by_their_pattern(form: str) -> None:
    rng = random.Random(4)
    shape = SHAPE if form == "conv2d" else (6,)
    tried = set()
    for stages in range(1, 6 if form == "conv2d" else 4):
        for claim in claims(form, stages):
            told = new_pattern(form, stages, claim, shape)
            for _ in range(150):
                words = [rng.choice(stage_words(form)) for _ in range(stages)]
                if not re.fullmatch(told, f"{claim}: {' '.join(words)}"):
                    continue
                arch = expand(words, form)
                said = Candidate(id="n", round=1, author="llm", architecture=arch, rationale=claim, status="proposed")
                assert false_claims(said, {}) == ()
                tried.add(claim)
    assert tried == set(CLAIMS["mlp" if form == "mlp" else "conv"])


def test_no_more_stages_shrink_than_there_is_to_shrink() -> None:
    told = new_pattern("conv2d", 5, "early stride", SHAPE)
    assert re.fullmatch(told, "early stride: cv3s2c4 cv3s2c4 cv3s2c4 cv3c4 cv3c4")
    assert not re.fullmatch(told, "early stride: cv3s2c4 cv3s2c4 cv3s2c4 cv3s2c4 cv3c4")
