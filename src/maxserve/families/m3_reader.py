"""How M3's raw output is read: `<mm:think>`, and tool calls as elements behind a mark (docs/wire/minimax.md §15.4-5).

A parameter that the schema types as a string is passed on as it comes. Others are converted when they end; where a
repeated name would make a list (a list written without `<item>`, or a name that the schema does not know) that is
when the call ends. Tags that do not match are forgiven: an end tag closes up to its element if that is open, the
innermost one otherwise; a parameter that the schema expects ends one that cannot hold it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Literal

from ..chat import Tool
from .element import DEPTH, ITEM, Element, written
from .json_schema import properties
from .literals import JOINER
from .reader import ANSWER, CALL, END, NAME, NAME_LIMIT, NONE, OPEN, VALUE, Reader, beginnings, named

MARK = "]<]minimax[>["
THINK, THOUGHT_END = "<mm:think>", "</mm:think>"
BLOCK, BLOCK_END = f"{MARK}<tool_call>", f"{MARK}</tool_call>"
INVOKE = f"{MARK}<invoke"

_MARK = re.escape(MARK)
_END = re.escape(END)
_INVOKE = rf"{_MARK}<invoke\s{{1,16}}{NAME}"
_TAG = re.compile(
    rf"(?P<call>{_INVOKE})|{_MARK}</(?P<close>[^<>~\n]{{1,256}})>|{_MARK}<(?P<open>[^<>~\n/][^<>~\n]{{0,255}})>"
    rf"|(?P<end>{_END})"
)
_STRINGS = (frozenset(("string",)), frozenset(("string", "null")))


class M3Reader(Reader):
    """Reads one result of an M3 model."""

    __slots__ = ("_elements", "_late", "_literal", "_name")

    PROSE = re.compile(
        rf"(?P<open>{THINK})|(?P<close>{THOUGHT_END})|(?P<block>{_MARK}<tool_call>)|(?P<shut>{_MARK}</tool_call>)"
        rf"|(?P<end>{_END})|(?P<call>{_INVOKE})"
    )
    CALL_NAME = 7
    PARTIAL = re.compile(
        "(?:"
        + beginnings((THINK, THOUGHT_END, END, f"{MARK}<"))
        + rf"|{_MARK}<[^<>]{{0,{NAME_LIMIT - len(MARK) - 2}}}"
        + r")\Z"
    )
    REACH = len(BLOCK_END)
    INVOKE = INVOKE

    def __init__(
        self,
        thinking: Literal["open", "closed", "free"],
        tools: Sequence[Tool] = (),
        index: int = 0,
        *,
        fresh: bool = True,
        ids: Callable[[int], str] | None = None,
    ) -> None:
        super().__init__(thinking, tools, index, fresh=fresh, ids=ids)
        self._name = ""
        self._elements: list[Element] = []
        self._literal: list[str] = []
        self._late: dict[str, list[Element]] = {}

    def _streaming(self) -> bool:
        return not self._elements and self._arguments.streams

    def _call(self, final: bool) -> bool:
        return self._read(final, self._arguments.stray)

    def _value(self, final: bool) -> bool:
        return self._read(final, self._elements[-1].parts.append if self._elements else self._arguments.add)

    def _read(self, final: bool, take: Callable[[str], None]) -> bool:
        buffer, position = self._buffer, self._position
        match = _TAG.search(buffer, position)
        stop = match.start() if match else len(buffer) if final else self._partial(position)
        if match is not None and match["open"] == "tool_call" and not self._arguments.knows("tool_call"):
            follows = self._ahead(match.end(), (INVOKE,), final, False)
            if follows:
                self._pass(stop, take)
                self._position = match.end()
                self._end_call()
                self._mode, self._block = ANSWER, OPEN
                return True
            if follows is None:
                self._pass(stop, take)
                return False
        self._pass(stop, take)
        if match is None:
            return False
        self._position = match.end()
        if match["close"] is not None:
            self._close(match["close"].replace(JOINER, "").strip())
        elif match["open"] is not None:
            self._open(match["open"].replace(JOINER, "").strip())
        elif match["end"] is not None:
            self._end_call()
            self._stop(self._position)
        else:
            self._invoke(match)
        return True

    def _pass(self, stop: int, take: Callable[[str], None]) -> None:
        if stop > self._position:
            take(self._clean(self._position, stop))
            self._position = stop

    def _invoke(self, match: re.Match[str]) -> None:
        name = named(match, 2)
        if self._mode == VALUE and self._tools and name not in self._tools:
            self._text(match[0].removeprefix(MARK))
            return
        self._end_call()
        self._start_call(name)

    def _open(self, name: str) -> None:
        if self._mode == CALL:
            self._begin(name)
        elif not self._fits(name):
            self._end_parameter()
            self._begin(name)
        elif not self._elements or len(self._elements) >= DEPTH:
            self._literal.append(name)
            self._text(f"<{name}>")
        else:
            child = Element(name)
            self._elements[-1].children.append(child)
            self._elements.append(child)

    def _fits(self, name: str) -> bool:
        """Whether a tag inside the open parameter belongs to it, rather than to the next one after a missing end."""
        arguments = self._arguments
        if len(self._elements) > 1 or self._literal or not (arguments.knows(name) and arguments.expects(name)):
            return True
        if name in self._late or name == self._name:
            return True
        types = arguments.kinds(self._name)
        if "array" in types and name == ITEM:
            return True
        own = properties(arguments.schema(self._name), arguments.root)
        return name in own or ("object" in types and not own) or not types

    def _close(self, name: str) -> None:
        elements = self._elements
        if self._literal and self._literal[-1] == name:
            self._literal.pop()
            self._text(f"</{name}>")
            return
        if name in ("invoke", "tool_call") and name != self._name and all(e.name != name for e in elements):
            self._end_call()
            if name == "tool_call":
                self._block = NONE
            return
        if self._mode == CALL:
            return
        self._literal.clear()
        here = next((i for i in range(len(elements) - 1, -1, -1) if elements[i].name == name), len(elements) - 1)
        if here <= 0:
            self._end_parameter()
        else:
            del elements[here:]

    def _begin(self, name: str) -> None:
        """Begin a parameter: as text that goes out as it comes, or as an element that is read to its end first."""
        self._name = name
        self._mode = VALUE
        if self._arguments.kinds(name) in _STRINGS:
            self._arguments.open(name)
        else:
            self._elements.append(Element(name))

    def _end_parameter(self) -> None:
        arguments = self._arguments
        self._mode = CALL
        self._literal.clear()
        if not self._elements:
            arguments.close()
            return
        element = self._elements[0]
        self._elements.clear()
        types = arguments.kinds(element.name)
        listed = "array" in types and not element.children
        if (not types or listed or element.name in self._late) and element.name not in arguments.seen:
            self._late.setdefault(element.name, []).append(element)
        else:
            arguments.put(element.name, written([element], arguments.schema(element.name), arguments.root))

    def _end_call(self) -> None:
        if self._mode == VALUE:
            self._end_parameter()
        arguments = self._arguments
        for name, elements in self._late.items():
            arguments.put(name, written(elements, arguments.schema(name), arguments.root))
        self._late.clear()
        super()._end_call()

    def _text(self, text: str) -> None:
        if self._elements:
            self._elements[-1].parts.append(text)
        else:
            self._arguments.add(text)
