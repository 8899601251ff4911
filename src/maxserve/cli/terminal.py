"""Reading lines in a terminal: history, completion, several lines at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .slash import NAMES

HISTORY_LENGTH = 1000
FENCE = '"""'
MORE = "… "

Ask = Callable[[str], str]


@contextmanager
def line_editing(history: Path) -> Iterator[None]:
    """Give `input` line editing, completion of slash commands and a history that is kept in a file.

    Where Python has no readline, `input` works as it is.
    """
    try:
        import readline
    except ImportError:
        yield
        return
    readline.set_history_length(HISTORY_LENGTH)
    readline.set_completer_delims(" ")
    readline.set_completer(_complete)
    # libedit, which some Pythons are built with, has its own words for this.
    libedit = getattr(readline, "backend", None) == "editline" or "libedit" in (readline.__doc__ or "")
    readline.parse_and_bind("bind ^I rl_complete" if libedit else "tab: complete")
    with suppress(OSError):
        readline.read_history_file(history)
    try:
        yield
    finally:
        with suppress(OSError):
            history.parent.mkdir(parents=True, exist_ok=True)
            readline.write_history_file(history)


def read_entry(ask: Ask, prompt: str, *, multi: bool = False) -> str:
    """Read one entry: a line, several where they end in a backslash, or all between fences. Raises `EOFError`."""
    if multi:
        return _until_fence(ask, "")
    line = ask(prompt)
    if line.lstrip().startswith(FENCE):
        return _until_fence(ask, line.lstrip().removeprefix(FENCE))
    lines = [line]
    while lines[-1].endswith("\\"):
        lines[-1] = lines[-1][:-1]
        lines.append(ask(MORE))
    return "\n".join(lines)


def _until_fence(ask: Ask, first: str) -> str:
    lines = [first] if first else []
    while not (lines and lines[-1].rstrip().endswith(FENCE)):
        lines.append(ask(MORE))
    lines[-1] = lines[-1].rstrip().removesuffix(FENCE)
    return "\n".join(lines if lines[-1] else lines[:-1])


def _complete(text: str, state: int) -> str | None:
    found = [name for name in NAMES if name.startswith(text)] if text.startswith("/") else []
    return found[state] if state < len(found) else None
