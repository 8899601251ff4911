"""Reading an answer while it arrives, at the cost of a few byte searches per read."""

from __future__ import annotations

from typing import Any

import msgspec

_TAIL = 8192
"""Bytes kept of a stream's end: where usage, errors and the end mark are."""

_MARK = b"\ndata:"


class _Delta(msgspec.Struct):
    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    tool_calls: list[Any] | None = None


class _Choice(msgspec.Struct):
    delta: _Delta | None = None
    text: str | None = None


class _Usage(msgspec.Struct):
    completion_tokens: int = 0
    prompt_tokens: int = 0


class _Frame(msgspec.Struct):
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    error: Any = None


_decode = msgspec.json.Decoder(_Frame).decode


class Answer:
    """One answer: when its parts came and what they counted.

    Times are in seconds of the driver's clock, 0 where the part never came. `first_text` is the first frame with text,
    thought or a tool call in it. `frames` are server-sent events with data, the end mark left out; `tokens` and
    `prompt_tokens` come from the answer's usage, None without one. `gaps` are the seconds between one frame and the
    next (frames of one read share their time: their gap is 0), as pairs of gap and how often.
    """

    def __init__(self, stream: bool, start: float) -> None:
        self.stream = stream
        self.start = start
        self.status = 0
        self.first_byte = 0.0
        self.first_text = 0.0
        self.last_text = 0.0
        self.frames = 0
        self.tokens: int | None = None
        self.prompt_tokens: int | None = None
        self.error: str | None = None
        self.gaps: list[tuple[float, int]] = []
        self._carry = b"\n"
        self._head = b""
        self._tail = b""
        self._parts: list[bytes] = []
        self._last = 0.0

    def feed(self, body: bytes, now: float) -> None:
        """Take a piece of the body that came at `now`."""
        if not self.first_byte:
            self.first_byte = now
        if not self.stream or self.status != 200:
            self._parts.append(body)
            return
        joined = self._carry + body
        self._carry = joined[-len(_MARK) + 1 :]
        count = joined.count(_MARK)
        if count:
            if self.frames:
                self.gaps.append((now - self._last, 1))
            if count > 1:
                self.gaps.append((0.0, count - 1))
            self.frames += count
            self._last = now
        if not self.first_text:
            self._search(body, now)
        self._tail = body[-_TAIL:] if len(body) >= _TAIL else (self._tail + body)[-_TAIL:]

    @property
    def body(self) -> bytes:
        """The body of an answer that is not a stream, as far as it came."""
        return b"".join(self._parts)

    def finish(self) -> None:
        """Read what the end of the answer says: usage and errors."""
        if self.status != 200:
            self.error = f"{self.status} {_message(self.body)}".strip()
        elif self.stream:
            self._finish_stream()
        else:
            self._finish_whole()

    def _search(self, body: bytes, now: float) -> None:
        *lines, self._head = (self._head + body).split(b"\n")
        for line in lines:
            frame = _frame(line)
            if frame is not None and any(map(_speaks, frame.choices or ())):
                self.first_text = now
                self._head = b""
                return

    def _finish_stream(self) -> None:
        self.last_text = self._last
        done = False
        for line in self._tail.split(b"\n"):
            if line.startswith(b"data:") and line[5:].strip() == b"[DONE]":
                done = True
                continue
            frame = _frame(line)
            if frame is None:
                continue
            if frame.error is not None:
                self.error = _message(line[5:])
            if frame.usage is not None:
                self.tokens = frame.usage.completion_tokens
                self.prompt_tokens = frame.usage.prompt_tokens
        self.frames -= done
        if not done and self.error is None:
            self.error = "the stream ended without [DONE]"

    def _finish_whole(self) -> None:
        body = self.body
        try:
            frame = _decode(body)
        except msgspec.MsgspecError:
            self.error = "the answer is not a completion"
            return
        if not frame.choices:
            self.error = _message(body) or "the answer has no choices"
        elif frame.usage is not None:
            self.tokens = frame.usage.completion_tokens
            self.prompt_tokens = frame.usage.prompt_tokens


def _frame(line: bytes) -> _Frame | None:
    """Decode one line of a stream, None where it is no data or not of a completion's form."""
    if not line.startswith(b"data:"):
        return None
    try:
        return _decode(line[5:])
    except msgspec.MsgspecError:
        return None


def _speaks(choice: _Choice) -> bool:
    delta = choice.delta
    if delta is None:
        return bool(choice.text)
    return bool(delta.content or delta.reasoning_content or delta.reasoning or delta.tool_calls)


def _message(body: bytes) -> str:
    """Return the error's own words, on one line, however the answerer wraps them."""
    try:
        value: Any = msgspec.json.decode(body)
    except msgspec.MsgspecError:
        value = body.decode("utf-8", "replace")
    for name in ("error", "message", "detail"):
        if isinstance(value, dict) and name in value:
            value = value[name]
    return " ".join(str(value).split())[:160]
