"""A conversation with the real local model on a pseudo-terminal, typed by a script; its transcript stands in README.md.

`python -m tests.session` prints the transcript, `--readme` puts it into README.md. Nothing of the answers is made up:
the script says what a person would say, and waits for the prompt in between.
"""

import os
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import write_fruit
from tests.terminal import Terminal

ROOT = Path(__file__).parents[1]
MARKS = "<!-- python -m tests.session --readme -->", "<!-- end of the session -->"
REQUEST = (
    "recognise apples, bananas and oranges with the colour sensor: "
    "red LED for an apple, green LED for a banana, blue for an orange"
)
CHANGE = "blink the green LED twice for each banana"
ANSWERS = {"data": "fruit", "yes, no": "yes"}
"""What is answered to a question that contains the word; any other one takes its default."""
WORK_S = 280.0
CHECKS_SHOWN = 2
"""Of the planned checks in the transcript; there are about thirty."""


@dataclass(frozen=True)
class Session:
    """What a session left."""

    transcript: str
    exit_code: int
    asked: tuple[str, ...]
    """The questions, as they stood on the terminal."""
    runs: tuple[Path, ...]
    """Run folders, oldest first."""


def hold_session(folder: Path) -> Session:
    """Hold the session in an empty folder, with the fruit data beside it."""
    write_fruit(folder)
    env = {**os.environ, "XDG_STATE_HOME": str(folder / "state")}
    terminal = Terminal([sys.executable, "-m", "cli.main", "chat", "--candidates", "4"], folder, env)
    asked: list[str] = []
    try:
        for line in (REQUEST, CHANGE, "/cost", "why this network?"):
            _prompted(terminal)
            _say(terminal, line)
            _answer(terminal, asked)
        _say(terminal, "/quit")
        code = terminal.finish(20)
    finally:
        terminal.close()
    runs = sorted((path.parent for path in folder.glob("runs/*/run.json")), key=lambda path: path.stat().st_ctime)
    return Session(transcript(terminal.screen.text), code, tuple(asked), tuple(runs))


def _answer(terminal: Terminal, asked: list[str]) -> None:
    """Answer questions until it is the person's turn to say something."""
    _prompted(terminal)
    while terminal.screen.line == "?":
        question = terminal.screen.text.splitlines()[-2]
        asked.append(question)
        _say(terminal, next((answer for word, answer in ANSWERS.items() if word in question), ""))
        _prompted(terminal)


def _say(terminal: Terminal, line: str) -> None:
    before = terminal.screen.y
    terminal.type(f"{line}\r")
    terminal.wait(lambda screen: screen.y > before, 20)


def _prompted(terminal: Terminal) -> None:
    terminal.wait(lambda screen: screen.line in (">", "?") and screen.x == 2, WORK_S)


def transcript(text: str) -> str:
    """The session for people: of the many planned checks only the first few, and the number of the others."""
    lines: list[str] = []
    checks = 0
    for line in [*text.splitlines(), ""]:
        if line.startswith("  to be checked:"):
            checks += 1
            if checks > CHECKS_SHOWN:
                continue
        elif checks > CHECKS_SHOWN:
            lines.append(f"  … and {checks - CHECKS_SHOWN} more")
        if not line.startswith("  to be checked:"):
            checks = 0
        lines.append(line.rstrip())
    return "\n".join(lines).strip()


def into_readme(readme: str, session: str) -> str:
    """The README with the session between its marks. Raises ValueError when the marks are not there."""
    found = re.search(f"{re.escape(MARKS[0])}.*?{re.escape(MARKS[1])}", readme, re.DOTALL)
    if found is None:
        raise ValueError(f"README.md has no lines {MARKS[0]} and {MARKS[1]}")
    block = f"{MARKS[0]}\n```\n$ tinysmith chat --candidates 4\n{session}\n```\n{MARKS[1]}"
    return readme[: found.start()] + block + readme[found.end() :]


def main(*options: str) -> int:
    """Print the transcript, or put it into README.md; the exit code is that of the session."""
    with tempfile.TemporaryDirectory() as folder:
        session = hold_session(Path(folder))
    sys.stdout.write(session.transcript + "\n")
    if "--readme" in options and session.exit_code == 0:
        readme = ROOT / "README.md"
        readme.write_text(into_readme(readme.read_text(), session.transcript))
    return session.exit_code


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
