"""Secrets put back into an answer in place of their placeholders, however it is cut."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from json.encoder import encode_basestring

import msgspec

from ..chat import Event, Finished, ReasoningDelta, TextDelta, TokenLogprob, ToolCallDelta, ToolCallStarted

Piece = TextDelta | ReasoningDelta | ToolCallDelta


class Deanonymizer:
    """Restores one answer, batch for batch: text, thought, and the arguments of calls, whose JSON stays JSON.

    Held is only the end of a text that is the beginning of a known placeholder. Tokens stay as the model drew them;
    they go out with the text that they end in.
    """

    __slots__ = ("_escaped", "_parts", "_search", "_values")

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self._escaped = {name: encode_basestring(value)[1:-1] for name, value in values.items()}
        self._search = self.pattern(values)
        self._parts: dict[int, _Part] = {}

    @staticmethod
    def pattern(values: Iterable[str]) -> re.Pattern[str]:
        """Return the expression that finds the placeholders."""
        return re.compile("|".join(map(re.escape, values)))

    def feed(self, events: Sequence[Event]) -> list[Event]:
        """Take a batch; return what is certain now, which may be nothing."""
        out: list[Event] = []
        for event in events:
            if isinstance(event, TextDelta | ReasoningDelta | ToolCallDelta):
                key = (type(event), event.call if isinstance(event, ToolCallDelta) else 0)
                part = self._parts.get(event.index)
                if part is not None and part.key != key:
                    self._end(event.index, out)
                    part = None
                if part is None:
                    part = self._parts[event.index] = _Part(key)
                self._take(part, event, out)
            elif isinstance(event, ToolCallStarted | Finished):
                self._end(event.index, out)
                if isinstance(event, Finished) and event.stop is not None:
                    stop = self._search.sub(lambda found: self._values[found[0]], event.stop)
                    out.append(msgspec.structs.replace(event, stop=stop))
                else:
                    out.append(event)
            else:
                out.append(event)
        return out

    def _take(self, part: _Part, piece: Piece, out: list[Event]) -> None:
        said = piece.arguments if isinstance(piece, ToolCallDelta) else piece.text
        tokens = piece.logprobs if isinstance(piece, TextDelta) else None
        if not part.held and "[" not in said:
            out.append(piece)
            return
        start = piece.start - len(part.held) if isinstance(piece, TextDelta) else 0
        text = part.held + said
        end = self._growing(text)
        part.held = text[end:]
        if tokens is not None:
            part.tokens = (*(part.tokens or ()), *tokens)
        part.last = piece
        part.start = start + end
        tokens = None
        if part.tokens is not None and not part.held:
            tokens, part.tokens = part.tokens, ()
        elif part.tokens is not None:
            tokens = ()
        if end or tokens:
            out.append(_like(piece, self._restored(piece, text[:end]), start, tokens))

    def _end(self, index: int, out: list[Event]) -> None:
        """Let go of what is held: it did not become a placeholder."""
        part = self._parts.pop(index, None)
        if part is not None and part.last is not None and (part.held or part.tokens):
            out.append(_like(part.last, part.held, part.start, part.tokens))

    def _restored(self, piece: Piece, text: str) -> str:
        values = self._escaped if isinstance(piece, ToolCallDelta) else self._values
        return self._search.sub(lambda found: values[found[0]], text)

    def _growing(self, text: str) -> int:
        """Return where the beginning of a placeholder stands at the text's end, or the end."""
        begin = text.rfind("[")
        if begin == -1:
            return len(text)
        tail = text[begin:]
        growing = any(len(name) > len(tail) and name.startswith(tail) for name in self._values)
        return begin if growing else len(text)


class _Part:
    """A thought, a text or the arguments of a call: what is held of it."""

    __slots__ = ("held", "key", "last", "start", "tokens")

    def __init__(self, key: tuple[type[Piece], int]) -> None:
        self.key = key
        self.held = ""
        self.start = 0
        self.tokens: tuple[TokenLogprob, ...] | None = None
        self.last: Piece | None = None


def _like(piece: Piece, text: str, start: int, tokens: tuple[TokenLogprob, ...] | None) -> Piece:
    if isinstance(piece, ToolCallDelta):
        return ToolCallDelta(piece.index, piece.call, text)
    if isinstance(piece, ReasoningDelta):
        return ReasoningDelta(piece.index, text)
    return TextDelta(piece.index, text, start, tokens)
