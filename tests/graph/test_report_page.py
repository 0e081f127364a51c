"""The report of a finished run in headless Chromium: phone and desktop, light and dark, pointed at."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import Page, chromium, page
from tests.graph.conftest import Watched

pytest.importorskip("websockets")
pytestmark = [
    pytest.mark.toolchain,
    pytest.mark.skipif(chromium() is None, reason="needs chromium (make test installs it where it can)"),
]
SIZES = {"phone": (390, 844), "desktop": (1440, 900)}


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with page(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_the_report_fits_the_window_and_needs_nothing_else(
    watched: Watched, tab: Page, size: str, scheme: str, tmp_path: Path
) -> None:
    report = watched.run_dir / "report.html"
    tab.requests.clear()
    tab.open(report, *SIZES[size], scheme)
    inner, scroll = tab.evaluate("[innerWidth, document.documentElement.scrollWidth]")
    assert inner == SIZES[size][0]
    assert scroll <= inner, "nothing sticks out to the right"
    assert tab.requests == [report.as_uri()], "one file, and nothing is fetched"
    assert tab.complaints == []
    assert len(tab.evaluate("[...document.querySelectorAll('main > section')].map(s => s.id)")) == 8
    paper, ink = (lightness(tab, name) for name in ("background-color", "color"))
    assert (paper > 200 > 80 > ink) if scheme == "light" else (paper < 60 < 200 < ink)
    tab.screenshot(tmp_path / "report.png")
    assert (tmp_path / "report.png").stat().st_size > 50_000


def lightness(tab: Page, style: str) -> float:
    """0 black to 255 white."""
    colour = tab.evaluate(f"getComputedStyle(document.body).getPropertyValue('{style}')")
    red, green, blue = map(float, re.findall(r"[\d.]+", colour)[:3])
    return (red + green + blue) / 3


@pytest.mark.parametrize("size", SIZES)
def test_a_point_of_the_plot_tells_its_figures(watched: Watched, tab: Page, size: str) -> None:
    tab.open(watched.run_dir / "report.html", *SIZES[size], "light")
    assert tab.evaluate("document.querySelector('.tip.shown')") is None
    tab.point_at(".front svg circle:last-of-type")
    told = tab.evaluate("document.querySelector('.tip.shown').textContent")
    assert re.search(r"r1n\d.*accuracy [\d.]+.*MACs", told, re.DOTALL)
    inside = (
        "(() => { const t = document.querySelector('.tip').getBoundingClientRect(); "
        "return t.left >= 0 && t.right <= innerWidth && t.top >= 0 && t.bottom <= innerHeight })()"
    )
    assert tab.evaluate(inside), "the text is all in the window"
    tab.point_at("h1")
    assert tab.evaluate("document.querySelector('.tip.shown')") is None


def test_what_would_be_wrong_is_seen(tab: Page, tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text(
        "<meta name=viewport content='width=device-width'><div style='width:900px'>wide</div>"
        "<img src='http://127.0.0.1:9/x.png'><script>console.error('no'); throw 'bad'</script>"
    )
    tab.complaints.clear()
    tab.requests.clear()
    tab.open(bad, 390, 844, "light")
    assert tab.evaluate("document.documentElement.scrollWidth > 390")
    assert any("127.0.0.1:9" in url for url in tab.requests)
    assert any("no" in text for text in tab.complaints)
    assert any("bad" in text for text in tab.complaints)
    tab.complaints.clear()
