"""CSV text -> a table of cells: encodings, delimiters, headers and decimal commas as people write them."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tools.errors import BadInput

MISSING = frozenset({"", "nan", "na", "n/a", "null", "none", "?", "-", "inf", "-inf", "+inf"})
LARGEST = 1e30
"""Beyond this a value is taken as missing: no sensor delivers it, and float32 features could not hold its square."""
_DELIMITERS = ";\t,|"
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True)
class Table:
    """Cells as text, a row per line; `names` is empty when the file has no header."""

    name: str
    """Of the file, for messages."""
    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    breaks: tuple[int, ...]
    """Row numbers before which blank lines stood: recorders of gestures separate their captures so."""

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.rows[0])

    def column(self, index: int) -> list[str]:
        """The cells of one column."""
        return [row[index] for row in self.rows]


def parse_table(content: bytes, name: str) -> Table:
    """Parse one CSV file: any of , ; tab | as delimiter, header or none, UTF-8, UTF-16 or Latin-1.

    Raises BadInput, naming the file, when it is empty, binary, has only a header or rows of different lengths.
    """
    lines = _decode(content, name).splitlines()
    filled = [line for line in lines if line.strip() and not line.startswith("#")]
    delimiter = _delimiter(filled[:50]) if filled else ","
    try:
        rows, breaks, numbers = _split(lines, delimiter)
    except csv.Error as error:
        raise BadInput(f"{name} is not a readable CSV file: {error}") from error
    if not rows:
        raise BadInput(f"{name} is empty: expected a header and rows of numbers")
    rows = _without_trailing_cell(rows)
    names: tuple[str, ...] = ()
    if not any(is_number(cell) for cell in rows[0]) and any(cell.lower() not in MISSING for cell in rows[0]):
        names, rows, numbers = rows[0], rows[1:], numbers[1:]
        breaks = [at - 1 for at in breaks if at > 1]
    # Loggers that restart write their header again.
    kept = [i for i, row in enumerate(rows) if not names or row != names]
    breaks = sorted({sum(1 for i in kept if i < at) for at in breaks} - {0, len(kept)})
    rows, numbers = [rows[i] for i in kept], [numbers[i] for i in kept]
    if not rows:
        raise BadInput(f"{name} has a header but no rows of numbers below it")
    width = len(names) or len(rows[0])
    for row, number in zip(rows, numbers, strict=True):
        if len(row) != width:
            wanted = "the header has" if names else "the first row has"
            raise BadInput(
                f"{name}, line {number}: {len(row)} values where {wanted} {width}; make every row equally long"
            )
    return Table(name, names, tuple(_with_points(rows, delimiter)), tuple(breaks))


def _decode(content: bytes, name: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    if b"\0" in content[:4096]:
        raise BadInput(f"{name} is not a text file: expected comma-separated numbers")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _delimiter(lines: Sequence[str]) -> str:
    """The delimiter which splits most lines into equally many cells; ';' and tab go before a (decimal) comma.

    " " stands for runs of white space, and is taken only when there is nothing else.
    """
    best, score = " " if len(lines[-1].split()) > 1 else ",", 0.0
    for delimiter in _DELIMITERS:
        counts = Counter(line.count(delimiter) for line in lines)
        count, lines_with = counts.most_common(1)[0]
        agreement = lines_with / len(lines) if count else 0.0
        if agreement > score:
            best, score = delimiter, agreement
    return best


def _split(lines: Sequence[str], delimiter: str) -> tuple[list[tuple[str, ...]], list[int], list[int]]:
    rows: list[tuple[str, ...]] = []
    breaks: list[int] = []
    numbers: list[int] = []
    for number, line in enumerate(lines, start=1):
        if line.startswith("#"):
            continue
        fields = line.split() if delimiter == " " else next(csv.reader([line], delimiter=delimiter), [])
        cells = tuple(cell.strip() for cell in fields)
        if not any(cells):
            breaks.append(len(rows))
        else:
            rows.append(cells)
            numbers.append(number)
    return rows, breaks, numbers


def _without_trailing_cell(rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    # `1,2,3,` on every line is a habit of sketches that print in a loop.
    if all(len(row) > 1 and not row[-1] for row in rows):
        return [row[:-1] for row in rows]
    return rows


def _with_points(rows: Sequence[tuple[str, ...]], delimiter: str) -> list[tuple[str, ...]]:
    if delimiter == ",":
        return list(rows)
    comma = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
    return [tuple(cell.replace(",", ".") if comma.fullmatch(cell) else cell for cell in row) for row in rows]


def is_number(cell: str) -> bool:
    """Whether a cell holds a finite decimal number."""
    return _NUMBER.fullmatch(cell) is not None


def numbers(cells: Sequence[str]) -> np.ndarray:
    """(N,) float64 of a column; what is no number, or absurdly large, is NaN."""
    try:
        values = np.asarray(cells, dtype=np.str_).astype(np.float64)
    except ValueError:
        values = np.array([float(cell) if is_number(cell) else np.nan for cell in cells])
    values[~(np.abs(values) < LARGEST)] = np.nan
    return values
