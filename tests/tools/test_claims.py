"""What a rationale says against what the network is."""

import pytest

from tools.artifacts import Candidate, Estimate
from tools.claims import false_claims
from tools.notation import expand


def candidate(name: str, net: str, why: str = "", macs: int = 1000, arena: int = 100) -> Candidate:
    cost = Estimate(
        macs=macs, params=10, arena_bytes=arena, model_flash_bytes=500, ram_bytes=2000, flash_bytes=9000
    )  # fmt: skip
    form = "mlp" if net.startswith("fc") else "conv1d"
    return Candidate(
        id=name, round=1, author="llm", architecture=expand(net.split(), form), rationale=why, estimate=cost,
        status="proposed",
    )  # fmt: skip


OTHERS = {"r1n0": candidate("r1n0", "cv3s2c8d1 ds3s1c16d1", macs=2000, arena=50)}
OTHERS["r1g0"] = OTHERS["r1n0"].model_copy(update={"id": "r1g0", "accuracy": 0.9})


@pytest.mark.parametrize(
    ("net", "why", "said"),
    [
        ("cv3s2c8d1", "separable blocks save MACs", "'separable': it has no depthwise-separable block"),
        ("ds3s1c8d1", "Early stride saves memory", "'early stride': its first stage has no stride"),
        ("cv3s2c8d1", "skip connections help", "'skip': it has no skip connection"),
        ("cv3s2c8d1", "inverted residual blocks", "'inverted residual': it has no inverted residual block"),
        ("cv3s2c8d1", "a kernel of 7 sees more", "'kernel 7': no stage has it"),
        ("cv3s2c8d1", "less memory than r1n0", "it has 100 bytes of arena, r1n0 50"),
        ("cv3s2c8d1", "more MACs than r1n0", "it has 1,000 MACs, r1n0 2,000"),
        ("cv3s2c8d1", "fewer MACs than r7n3", "there is no network r7n3"),
        ("cv3s2c8d1", "more accurate than r7n3", "there is no network r7n3"),
        ("cv3s2c8d1", "more accurate than r1g0", "it reached 0.800, r1g0 0.900"),
        ("cv3s2c8d1", "large kernel", "no stage has a kernel of 5 or 7"),
        ("cv3s2c8d1 cv3c12", "few channels", "a stage has more than 8"),
        ("cv3s2c8d1 cv3c8", "growing channels", "they do not grow"),
        ("cv3s2c8d1", "growing channels", "they do not grow"),
        ("fc8 fc12", "falling width", "it does not fall"),
        ("fc16 fc8", "a single layer is enough", "it has several stages"),
    ],
)
def test_a_claim_that_the_figures_contradict_is_flagged(net: str, why: str, said: str) -> None:
    trained = candidate("r2n0", net, why).model_copy(update={"accuracy": 0.8})
    assert any(said in flag for flag in false_claims(trained, OTHERS))


@pytest.mark.parametrize(
    ("net", "why"),
    [
        ("ds3s2c8d1", "separable blocks with an early stride"),
        ("cv3s2c8d1", "no skip, plain convolution without separable blocks"),
        ("+mb5s2c8d1e4", "inverted residual with skip and kernel 5"),
        ("cv3s2c8d1", "fewer MACs than r1n0"),
        ("cv3s2c8d1", "larger arena than r1n0"),
        ("cv3s2c8d1", "more accurate than r1n0"),
        ("cv3s2c8 ds5c12", "growing channels"),
        ("cv3s2c8 ds5c12", "large kernel"),
        ("fc12 fc8 fc4", "falling width"),
        ("fc8 fc4", "few units"),
        ("fc16", "one layer suits three channels"),
        ("cv3s2c8d1", "a good network"),
    ],
)
def test_true_claims_and_what_cannot_be_settled_pass(net: str, why: str) -> None:
    assert false_claims(candidate("r2n0", net, why), OTHERS) == ()
