"""What both families' output has in common: a thought, an answer, tool blocks, and an end mark.

A `Reader` holds back only what could still become a tag, plus white space that a tag may turn out to follow. Whatever
it looks ahead for is bounded in length, so the work is linear in the output, and every decision depends on the
text alone, never on how it was cut into pieces.

What is read how (docs/wire/minimax.md §14.6, §15.5, §15c):

- A thought ends at its end tag, or where a tool block begins inside it. A repeated start tag is swallowed at the
  beginning of the thought or of a line.
- Line breaks around thoughts belong to neither side; white space before a tool block belongs to nobody. All other
  text is passed on as it is. After a tool block of an answer that had text, white space is kept.
- At the beginning of an answer a start tag opens a thought, and a stray end tag is dropped; later both are text.
- A tool block begins where a call follows its start tag; otherwise the tag is text, and from there on a call is taken
  for one if its tool is known. Text inside a block, between calls or after them, is content.
- The literal `[e~[` ends the output.
- A WORD JOINER right after `<`, `[` or `]` is the mark of neutralised text and is dropped (see `literals`); a
  `TextDelta` never spans one, so its text is always the slice of the raw output that begins at `start`.
"""

from __future__ import annotations

import random
import re
import string
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar, Literal

from ..chat import Event, ReasoningDelta, TextDelta, Tool, ToolCallDelta, ToolCallStarted
from .arguments import Arguments
from .literals import JOINER

THOUGHT, ANSWER, CALL, VALUE, DONE = range(5)
"""Where a reader is: in a thought, in the answer, in a call between parameters, in a parameter's value, at the end."""

NONE, LOOSE, OPEN = range(3)
"""What is known of a tool block: there is none; its start tag came without a call; it is open."""

HOLD = 64
"""How much white space is held back at most, in characters."""

END = "[e~["

NAME = r"""name\s{0,16}=\s{0,16}(?:"([^"<>~\n]{1,256})"|'([^'<>~\n]{1,256})'|([^\s"'<>~]{1,256}))\s{0,16}>"""
"""The rest of a tag with a name: in double, single or no quotes. No tag, nor the end mark, lies inside another."""

NAME_LIMIT = 352
"""No tag with a name is longer, in characters."""

_NEWLINES = re.compile(r"[\r\n]*")
_SPACE = re.compile(r"\s{0,64}")
_BRACKETS = "<[]"
_WHITE = " \t\r\n"
_LETTERS = string.ascii_lowercase + string.ascii_uppercase + string.digits


def call_ids() -> Callable[[int], str]:
    """Return a source of ids as MiniMax makes them: `call_function_`, 12 letters or digits, `_` and a count from 1."""
    stem = "call_function_" + "".join(random.choices(_LETTERS, k=12))
    return lambda call: f"{stem}_{call + 1}"


def beginnings(literals: Iterable[str]) -> str:
    """Return a regex of every beginning of the literals that is not a whole one."""
    nested = []
    for literal in literals:
        pattern = ""
        for character in reversed(literal[1:-1]):
            pattern = f"(?:{re.escape(character)}{pattern})?"
        nested.append(re.escape(literal[0]) + pattern)
    return "|".join(nested)


def named(match: re.Match[str], group: int) -> str:
    """Return the name in a tag whose first `NAME` group is number `group`, without a neutraliser's joiners."""
    name: str = match[group] or match[group + 1] or match[group + 2]
    return name.replace(JOINER, "").strip()


class Reader(ABC):
    """The parser of one result; a family adds its tags and the inside of its calls.

    `thinking` is where the output begins, `fresh` whether a thought's end tag is the last thing in the prompt, `ids`
    numbers the calls (for tests).
    """

    PROSE: ClassVar[re.Pattern[str]]
    """The tags of thoughts, answers and blocks, by the groups open, close, block, shut, call and end."""
    CALL_NAME: ClassVar[int]
    """The number of the first `NAME` group of `PROSE`."""
    PARTIAL: ClassVar[re.Pattern[str]]
    """The beginning of any tag of any state, at the end of the text."""
    REACH: ClassVar[int]
    """How far from the end such a beginning can lie, outside of blocks, in characters."""
    INVOKE: ClassVar[str]
    """What follows the start tag of a block."""

    __slots__ = (
        "_arguments", "_base", "_block", "_buffer", "_calls", "_free", "_fresh", "_ids", "_index", "_mode", "_out",
        "_plain", "_position", "_shown", "_tools",
    )  # fmt: skip

    def __init__(
        self,
        thinking: Literal["open", "closed", "free"],
        tools: Sequence[Tool] = (),
        index: int = 0,
        *,
        fresh: bool = True,
        ids: Callable[[int], str] | None = None,
    ) -> None:
        self._index = index
        self._tools = {tool.name: tool for tool in tools}
        self._ids = ids
        self._mode = THOUGHT if thinking == "open" else ANSWER
        self._free = thinking == "free"
        self._fresh = fresh or thinking != "closed"
        self._shown = not self._fresh
        self._block = NONE
        self._buffer = ""
        self._position = 0
        self._base = 0
        self._plain = 0
        self._calls = 0
        self._arguments = Arguments(None)
        self._out: list[Event] = []

    @property
    def thinking(self) -> bool:
        """Whether the next raw character would still belong to a thought (or to what could open one)."""
        return self._mode == THOUGHT or self._free

    @property
    def calls(self) -> int:
        """How many tool calls were started so far."""
        return self._calls

    def feed(self, text: str) -> list[Event]:
        """Take more raw text and return the events that are certain now."""
        plain = self._plain
        # Four searches for a character are several times faster than one regex for any of them.
        if plain and text and not ("<" in text or "[" in text or "]" in text or JOINER in text or text[-1].isspace()):
            start = self._base
            self._base = start + len(text)
            if plain == 1:
                return [TextDelta(self._index, text, start)]
            if plain == 2:
                return [ReasoningDelta(self._index, text)]
            self._arguments.add(text)
            return [ToolCallDelta(self._index, self._calls - 1, self._arguments.take())]
        if self._mode == DONE:
            return []
        self._buffer += text
        return self._run(False)

    def finish(self) -> list[Event]:
        """Return what was held back; the output has ended."""
        if self._mode == DONE:
            return []
        events = self._run(True)
        if self._mode in (CALL, VALUE):
            self._end_call()
        self._mode, self._free, self._plain, self._buffer = DONE, False, 0, ""
        return events

    def _run(self, final: bool) -> list[Event]:
        out = self._out = []
        while self._step(final):
            pass
        self._flush()
        buffer, position, mode = self._buffer, self._position, self._mode
        if position == len(buffer):
            if mode == VALUE:
                self._plain = 3 if self._streaming() else 0
            else:
                self._plain = 0 if self._fresh or mode > ANSWER else 2 if mode == THOUGHT else 1
        else:
            self._plain = 0
        if position:
            if buffer[position - 1] in _BRACKETS:
                # A joiner may come next: it is judged by the character before it.
                position -= 1
                self._plain = 0
            self._base += position
            self._buffer = buffer[position:]
            self._position -= position
        return out

    def _step(self, final: bool) -> bool:
        """Go on by one tag; return whether to go on further."""
        mode = self._mode
        if mode <= ANSWER:
            return self._prose(final)
        if mode == CALL:
            return self._call(final)
        return mode == VALUE and self._value(final)

    def _streaming(self) -> bool:
        """Whether text of the open value can go straight to the arguments."""
        return self._arguments.streams

    @abstractmethod
    def _call(self, final: bool) -> bool:
        """Go on between the parameters of a call; return whether to go on further."""

    @abstractmethod
    def _value(self, final: bool) -> bool:
        """Go on inside a parameter's value; return whether to go on further."""

    def _prose(self, final: bool) -> bool:
        buffer = self._buffer
        if self._fresh and not self._shown:
            newlines = _NEWLINES.match(buffer, self._position)
            self._position = newlines.end() if newlines else self._position
        scan = self._position
        search = self.PROSE.search
        while (match := search(buffer, scan)) is not None:
            verdict = self._tag(match, final)
            if verdict is None:
                self._say(match.start(), True)
                return False
            if verdict:
                self._free = False
                return True
            scan = match.end()
        if not final:
            self._say(self._partial(scan), True)
        elif not self._blank(len(buffer)):
            self._say(len(buffer), self._mode == THOUGHT)
        return False

    def _tag(self, match: re.Match[str], final: bool) -> bool | None:
        """Act on a tag: True where it was one, False where it is text, None where that is not certain yet."""
        kind, (at, end) = match.lastgroup, match.span()
        thought = self._mode == THOUGHT
        if kind == "open":
            if self._blank(at):
                self._position = end
                self._mode = THOUGHT
            elif thought and at > self._position and self._buffer[at - 1] == "\n":
                self._say(at, False)
                self._position = end
            else:
                return False
        elif kind == "close":
            if not thought and not self._blank(at):
                return False
            self._drop(at, end)
            self._mode = ANSWER
        elif kind == "block":
            begins = self._ahead(end, (self.INVOKE,), final, False)
            if not begins:
                if begins is False and self._block == NONE:
                    self._block = LOOSE
                return begins
            self._drop(at, end)
            self._mode, self._block = ANSWER, OPEN
        elif kind == "shut":
            if thought or (self._block != OPEN and not self._blank(at)):
                self._block = NONE
                return False
            self._drop(at, end)
            self._block = NONE
        elif kind == "call":
            name = named(match, self.CALL_NAME)
            if self._block == NONE or not (name in self._tools or (self._block == OPEN and self._blank(at))):
                return False
            self._drop(at, end)
            self._mode, self._block = ANSWER, OPEN
            self._start_call(name)
        else:
            self._stop(at)
        self._fresh = True
        return True

    def _stop(self, at: int) -> None:
        """The end mark stands at `at`: finish the prose before it, and read nothing more."""
        if self._mode <= ANSWER and not self._blank(at):
            self._say(at, self._mode == THOUGHT)
        self._mode = DONE
        self._buffer, self._position = "", 0

    def _blank(self, at: int) -> bool:
        """Whether nothing but a little white space lies between the last tag and `at`."""
        position = self._position
        return self._fresh and at - position <= HOLD and not self._buffer[position:at].strip(_WHITE)

    def _ahead(self, at: int, words: tuple[str, ...], final: bool, default: bool) -> bool | None:
        """Whether one of `words` follows after a little white space; `default` where the output ends before."""
        buffer = self._buffer
        space = _SPACE.match(buffer, at)
        here = space.end() if space else at
        if here - at == HOLD:
            return default
        if buffer.startswith(words, here):
            return True
        rest = buffer[here : here + 32]
        if any(word.startswith(rest) for word in words):
            return default if final else None
        return False

    def _partial(self, scan: int) -> int:
        """Return where a tag may have begun that is not whole yet: the end of the buffer where none has."""
        size = len(self._buffer)
        reach = NAME_LIMIT if self._mode > ANSWER or self._block else self.REACH
        match = self.PARTIAL.search(self._buffer, max(scan, size - reach))
        return match.start() if match else size

    def _kept(self, upto: int, mark: str) -> int:
        """Return where the run of `mark` characters before `upto` begins, at most `HOLD` back."""
        position = self._position
        return max(position + len(self._buffer[position:upto].rstrip(mark)), upto - HOLD)

    def _say(self, upto: int, hold: bool) -> None:
        """Pass on text to `upto`; with `hold`, keep back white space that a tag may follow."""
        position = self._position
        stop = upto
        if hold and upto > position:
            stop = self._kept(upto, "\r\n" if self._mode == THOUGHT and not self._blank(upto) else _WHITE)
        if stop > position:
            self._emit(position, stop)
            self._position = stop

    def _drop(self, at: int, end: int) -> None:
        """Pass on text to the tag at `at` without the white space before it, and go on at `end`."""
        self._say(at, True)
        self._position = end

    def _emit(self, start: int, stop: int) -> None:
        self._flush()
        self._fresh = False
        if self._mode == THOUGHT:
            if text := self._clean(start, stop):
                self._out.append(ReasoningDelta(self._index, text))
            return
        self._free = False
        self._shown = True
        buffer, base = self._buffer, self._base
        while (joiner := buffer.find(JOINER, start, stop)) >= 0:
            if joiner and buffer[joiner - 1] in _BRACKETS:
                if joiner > start:
                    self._out.append(TextDelta(self._index, buffer[start:joiner], base + start))
                start = joiner + 1
            else:
                self._out.append(TextDelta(self._index, buffer[start : joiner + 1], base + start))
                start = joiner + 1
        if start < stop:
            self._out.append(TextDelta(self._index, buffer[start:stop], base + start))

    def _clean(self, start: int, stop: int) -> str:
        """Return a slice of the buffer without a neutraliser's joiners."""
        text = self._buffer[start:stop]
        if JOINER not in text:
            return text
        before = self._buffer[start - 1] if start else ""
        for bracket in _BRACKETS:
            text = text.replace(bracket + JOINER, bracket)
        return text[1:] if before and before in _BRACKETS and text.startswith(JOINER) else text

    def _start_call(self, name: str) -> None:
        self._flush()
        if self._ids is None:
            self._ids = call_ids()
        self._arguments = Arguments(self._tools.get(name))
        self._out.append(ToolCallStarted(self._index, self._calls, self._ids(self._calls), name))
        self._calls += 1
        self._mode = CALL

    def _end_call(self) -> None:
        """Close the arguments, wherever they are; what follows is the inside of a block."""
        self._arguments.end()
        self._flush()
        self._mode, self._fresh = ANSWER, True

    def _flush(self) -> None:
        if text := self._arguments.take():
            self._out.append(ToolCallDelta(self._index, self._calls - 1, text))
