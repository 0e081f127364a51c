"""Mutants and faults as changes of text: small, distinct, repeatable, and never of comments or strings."""

from dataclasses import replace
from pathlib import Path

import pytest

from evals.equivalence import reasons, why_equivalent
from evals.fault import Fault, changed
from evals.faults import GENERIC
from evals.mutants import FILES, brief, draw_mutants, mutants
from tools.errors import BadInput

CODE = """// a comment with 1 < 2
#include <math.h>
static int counter = 10;
const char *text = "2 > 1 && true";
void loop() {
  if (counter >= 5 && ready(a, b)) drive(first, true);  // while 3 == 3
  counter++;
  delay(200);
  if (counter >= 5 && ready(a, b)) drive(first, true);  // while 3 == 3
}
"""


@pytest.fixture
def sketch(tmp_path: Path) -> Path:
    folder = tmp_path / "trial"
    folder.mkdir()
    for name in FILES:
        (folder / name.replace("*", "trial")).write_text(CODE if name == "classifier.cpp" else "int unused;\n")
    return folder


def test_a_mutant_changes_one_line_of_code_and_nothing_else(sketch: Path) -> None:
    found = list(mutants(sketch))
    for fault in found:
        old, new = CODE.split("\n"), changed(CODE, fault).split("\n")
        differing = [i for i, (a, b) in enumerate(zip(old, new, strict=True)) if a != b]
        assert len(differing) == 1
        assert differing[0] in (2, 5, 6, 7, 8)
        assert new[differing[0]].endswith(old[differing[0]].partition("//")[2])
    assert len({changed(CODE, fault) for fault in found}) == len(found)


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("relation", "  if (counter > 5 && ready(a, b)) drive(first, true);  // while 3 == 3"),
        ("logic", "  if (counter >= 5 || ready(a, b)) drive(first, true);  // while 3 == 3"),
        ("constant", "  if (counter >= 6 && ready(a, b)) drive(first, true);  // while 3 == 3"),
        ("constant", "  if (counter >= (4) && ready(a, b)) drive(first, true);  // while 3 == 3"),
        ("identifier", "  if (counter >= 5 && ready(a, b)) drive(first, false);  // while 3 == 3"),
        ("arguments", "  if (counter >= 5 && ready(b, a)) drive(first, true);  // while 3 == 3"),
        ("negated condition", "  if (!(counter >= 5 && ready(a, b))) drive(first, true);  // while 3 == 3"),
        ("deleted statement", "  ;"),
        ("arithmetic", "  counter--;"),
        ("constant", "static int counter = 11;"),
        ("constant", "  delay(400);"),
        ("constant", "  delay((100));"),
    ],
)
def test_each_operator_makes_what_it_says(sketch: Path, kind: str, line: str) -> None:
    assert any(fault.kind == f"mutant: {kind}" and fault.new == line for fault in mutants(sketch))


def test_a_mutants_name_shows_what_it_changes(sketch: Path) -> None:
    names = {fault.name for fault in mutants(sketch)}
    assert "classifier.cpp: if (counter >[=|] 5 && ready(a, b)) drive…" in names
    assert "classifier.cpp: static int counter = 1[0|1];" in names
    assert brief("  drive(a);", "  ;") == "[drive(a)|];"


def test_equal_lines_are_told_apart(sketch: Path) -> None:
    first, second = (f for f in mutants(sketch) if f.kind == "mutant: relation")
    assert changed(CODE, first).split("\n")[5] == changed(CODE, second).split("\n")[8] == first.new
    with pytest.raises(ValueError, match="does not hold its line"):
        changed(CODE, replace(first, nth=2))


def test_drawing_is_repeatable_and_never_draws_twice(sketch: Path) -> None:
    known: set[tuple[str, str, str]] = set()
    drawn = draw_mutants(sketch, 8, 1, known)
    assert drawn == draw_mutants(sketch, 8, 1, set())
    more = draw_mutants(sketch, 1000, 1, known)
    texts = {(f.file, f.old, f.new) for f in (*drawn, *more)}
    assert len(texts) == len(drawn) + len(more)
    assert len({f.kind for f in drawn}) >= 6


# --- reasons ----------------------------------------------------------------------------------------


def test_every_written_reason_is_a_sentence_and_fits_some_text() -> None:
    assert all(len(reason.why.split()) >= 5 for reason in reasons())


REASON = """
[[reason]]
why = "nothing that anybody can see depends on it"
file = "classifier.cpp"
old = 'counter\\+\\+;'
new = 'counter--;'
boards = ["uno"]
app_lacks = "counter"
"""


def test_a_reason_holds_only_where_all_of_it_fits(sketch: Path, tmp_path: Path) -> None:
    path = tmp_path / "reasons.toml"
    path.write_text(REASON)
    fault = Fault("less", "mutant", "classifier.cpp", "  counter++;", "  counter--;", nth=0)
    assert why_equivalent(fault, sketch, "uno", path).startswith("nothing")
    assert why_equivalent(fault, sketch, "mega", path) == ""
    assert why_equivalent(replace(fault, new="  ;"), sketch, "uno", path) == ""
    assert why_equivalent(replace(fault, file="sensor.cpp"), sketch, "uno", path) == ""
    (sketch / "app.h").write_text("print(counter);\n")
    assert why_equivalent(fault, sketch, "uno", path) == ""


def test_a_reason_with_an_unknown_key_is_told(tmp_path: Path) -> None:
    path = tmp_path / "reasons.toml"
    path.write_text(REASON.replace("app_lacks", "app_has_not"))
    with pytest.raises(BadInput, match=r"reasons.toml, reason 1: app_has_not: Extra inputs"):
        reasons(path)


def test_faults_by_hand_have_names_of_their_own_and_change_something() -> None:
    assert len({fault.name for fault in GENERIC}) == len(GENERIC) > 90
    assert all(fault.old != fault.new for fault in GENERIC)
