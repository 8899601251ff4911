"""How M2's raw output is read: `<think>`, and tool calls as `<invoke>` with `<parameter>`s (docs/wire/minimax.md
§14.5-6).

Inside a value anything may be meant as text, so a tag counts only where it makes sense:

- `</parameter>` ends a value if another tag of the call, or the end, follows; in a number or boolean always.
- A missing `</parameter>` is noticed at the next `<parameter …>` that the tool's schema knows and that was not given
  yet, at `</invoke>` if the block goes on or ends after it, at another call of a known tool, and at the ends of block
  and output. Line breaks before these are not part of the value; all other white space in values is.
"""

from __future__ import annotations

import re

from .reader import ANSWER, CALL, END, NAME, NAME_LIMIT, NONE, OPEN, VALUE, Reader, beginnings, named

THINK, THOUGHT_END = "<think>", "</think>"
BLOCK, BLOCK_END = "<minimax:tool_call>", "</minimax:tool_call>"
INVOKE, INVOKE_END = "<invoke", "</invoke>"
PARAMETER, PARAMETER_END = "<parameter", "</parameter>"

_INVOKE = rf"<invoke\s{{1,16}}{NAME}"
_PARAMETER = rf"<parameter\s{{1,16}}{NAME}"
_END = re.escape(END)
_VALUE = re.compile(
    rf"(?P<stop>{PARAMETER_END})|(?P<close>{INVOKE_END})|(?P<parameter>{_PARAMETER})|(?P<call>{_INVOKE})"
    rf"|(?P<shut>{BLOCK_END})|(?P<block>{BLOCK})|(?P<end>{_END})"
)
_PARAMETER_NAME, _INVOKE_NAME = 4, 8
_AFTER_PARAMETER = (PARAMETER, INVOKE_END, INVOKE, BLOCK_END, BLOCK, END)
_AFTER_INVOKE = (INVOKE, BLOCK_END, BLOCK, END)


class M2Reader(Reader):
    """Reads one result of an M2 model."""

    __slots__ = ()

    PROSE = re.compile(
        rf"(?P<open>{THINK})|(?P<close>{THOUGHT_END})|(?P<block>{BLOCK})|(?P<shut>{BLOCK_END})|(?P<end>{_END})"
        rf"|(?P<call>{_INVOKE})"
    )
    CALL_NAME = 7
    PARTIAL = re.compile(
        "(?:"
        + beginnings((THINK, THOUGHT_END, BLOCK, BLOCK_END, END, INVOKE_END, PARAMETER_END))
        + "|"
        + beginnings((f"{INVOKE}>", f"{PARAMETER}>"))
        + rf"|<(?:invoke|parameter)\s[^<>]{{0,{NAME_LIMIT - 11}}}"
        + r")\Z"
    )
    REACH = len(BLOCK_END)
    INVOKE = INVOKE

    def _call(self, final: bool) -> bool:
        buffer = self._buffer
        match = _VALUE.search(buffer, self._position)
        stop = match.start() if match else len(buffer) if final else self._partial(self._position)
        self._arguments.stray(self._clean(self._position, stop))
        self._position = stop
        if match is None:
            return False
        self._position = match.end()
        self._turn(match)
        return True

    def _value(self, final: bool) -> bool:
        buffer = self._buffer
        scan = self._position
        while (match := _VALUE.search(buffer, scan)) is not None:
            verdict = self._ends(match, final)
            if verdict is None:
                self._pass(match.start(), True)
                return False
            if verdict:
                kind = match.lastgroup
                self._pass(match.start(), kind not in ("stop", "end"))
                self._position = match.end()
                self._arguments.close()
                self._mode = CALL
                self._turn(match)
                return True
            scan = match.end()
        self._pass(len(buffer) if final else self._partial(scan), not final)
        return False

    def _ends(self, match: re.Match[str], final: bool) -> bool | None:
        """Whether a tag in a value ends it; None where that is not certain yet."""
        kind, end = match.lastgroup, match.end()
        if kind == "stop":
            return self._ahead(end, _AFTER_PARAMETER, final, True) if self._arguments.is_text else True
        if kind == "close":
            return self._ahead(end, _AFTER_INVOKE, final, True)
        if kind == "parameter":
            return self._arguments.expects(named(match, _PARAMETER_NAME))
        if kind == "call":
            return not self._tools or named(match, _INVOKE_NAME) in self._tools
        if kind == "block":
            return self._ahead(end, (INVOKE,), final, False)
        return True

    def _turn(self, match: re.Match[str]) -> None:
        """Act on a tag between parameters."""
        kind = match.lastgroup
        if kind == "parameter":
            self._arguments.open(named(match, _PARAMETER_NAME))
            self._mode = VALUE
        elif kind == "close":
            self._end_call()
        elif kind == "call":
            self._end_call()
            self._start_call(named(match, _INVOKE_NAME))
        elif kind == "shut":
            self._end_call()
            self._block = NONE
        elif kind == "block":
            self._end_call()
            self._mode, self._block = ANSWER, OPEN
        elif kind == "end":
            self._end_call()
            self._stop(self._position)

    def _pass(self, upto: int, hold: bool) -> None:
        """Add text of the value to `upto`; with `hold`, keep back line breaks that the end of the call may follow."""
        position = self._position
        stop = self._kept(upto, "\r\n") if hold and upto > position else upto
        if stop > position:
            self._arguments.add(self._clean(position, stop))
            self._position = stop
