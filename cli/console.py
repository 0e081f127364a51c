"""Where a conversation is held: a terminal with history, completion and multi-line paste, or a pipe."""

import sys
from typing import Any

from cli import render, slash
from cli.conversation import MAX_LINE, Conversation, readable, too_long
from tools.errors import BadInput, TinysmithError
from tools.toolchain import state_dir

_BYE = ("quit", "exit", "bye")


class Console:
    """Reads lines from a terminal with history, completion and multi-line paste, or from a pipe; writes to stdout."""

    def __init__(self) -> None:
        self.session: Any = _session() if sys.stdin.isatty() else None

    def read(self, prompt: str) -> str:
        """The next line. Raises slash.Quit at the end of the input."""
        if self.session is not None:
            try:
                return str(self.session.prompt(prompt))
            except EOFError as error:
                raise slash.Quit from error
        line = sys.stdin.readline()
        if not line:
            raise slash.Quit
        render.out.print(
            f"{prompt}{line.rstrip()}", markup=False, highlight=False, soft_wrap=True
        )  # a transcript shows both sides
        return line

    def say(self, text: str) -> None:
        """A line to the person."""
        render.out.print(text, markup=False, highlight=False, soft_wrap=True)

    def show_result(self, result: dict[str, Any]) -> None:
        """The figures of a run."""
        render.show_result(result)

    def ask(self, question: dict[str, Any]) -> str:
        """The question with what it depends on; an empty line takes the default. Raises slash.Quit."""
        while True:
            render.show_question(question)
            answer = readable(self.read("? "))
            if len(answer) > MAX_LINE:
                self.say(too_long(answer))
            elif not slash.is_command(answer):
                return answer
            elif "/quit".startswith(answer):
                raise slash.Quit
            else:
                self.say("answer first, please; or /quit, and /resume another time")


def _session() -> Any:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
    from prompt_toolkit.completion import NestedCompleter
    from prompt_toolkit.history import FileHistory

    state_dir().mkdir(parents=True, exist_ok=True)
    return PromptSession(
        history=FileHistory(str(state_dir() / "chat_history")),
        completer=NestedCompleter.from_nested_dict(slash.completions()),
        auto_suggest=AutoSuggestFromHistory(),
        complete_while_typing=False,
    )


def hold(talk: Conversation, console: Console) -> None:
    """Line after line until the person leaves."""
    while True:
        try:
            line = console.read("> ").strip()
            line = "/quit" if line.lower() in _BYE else line
            if len(line) > MAX_LINE:
                raise BadInput(too_long(line))
            with render.progress(quiet=True):
                slash.do(talk, line) if line.startswith("/") else talk.line(line)
        except slash.Quit:
            console.say("bye")
            return
        except KeyboardInterrupt:
            console.say("(to leave: /quit)")
        except TinysmithError as error:
            console.say(str(error))
