"""Log probabilities in the form of the legacy completions: four lists that run beside each other."""

from __future__ import annotations

import codecs
from collections.abc import Iterable

from ...chat import TokenLogprob
from .wire_response import Logprobs


class Offsets:
    """Knows where in the returned text, in characters, the next token of one result begins."""

    __slots__ = ("_at", "_decoder")

    def __init__(self) -> None:
        self._at = 0
        # A character may be spread over tokens: it is counted with the one that completes it.
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def body(self, tokens: Iterable[TokenLogprob]) -> Logprobs:
        """Return the `logprobs` object of the result's next tokens."""
        names: list[str] = []
        values: list[float] = []
        tops: list[dict[str, float]] = []
        offsets: list[int] = []
        for token in tokens:
            name = _name(token)
            names.append(name)
            values.append(token.logprob)
            # The token that was drawn is always among them, so there may be one more than was asked for.
            tops.append({**dict(token.top), name: token.logprob})
            offsets.append(self._at)
            self._at += len(self._decoder.decode(token.bytes))
        return Logprobs(names, values, tops, offsets)


def _name(token: TokenLogprob) -> str:
    """Return a token as text, or as its bytes where it ends inside a character."""
    try:
        return token.bytes.decode()
    except UnicodeDecodeError:
        return "bytes:" + "".join(f"\\x{byte:02x}" for byte in token.bytes)
