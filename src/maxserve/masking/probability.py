"""Log-probabilities of tokens beside a masked text: the tokens of what is masked are left out."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from ..chat import TokenLogprob
from .text import Found


class TokenMask:
    """Holds the tokens of one text until it is decided what they stand on, and drops those of secrets.

    Places count characters of the unmasked text.
    """

    __slots__ = ("_begun", "_end", "_loose", "_spans", "_tokens")

    def __init__(self) -> None:
        self._tokens: deque[tuple[int, int, TokenLogprob]] = deque()
        self._spans: deque[tuple[int, int]] = deque()
        self._end = 0
        self._begun = 0
        self._loose = ""

    def add(self, text: str, tokens: Sequence[TokenLogprob]) -> None:
        """Take a piece of text and the tokens that ended within it."""
        self._loose += text
        self._end += len(text)
        written = "".join([token.token for token in tokens])
        if self._loose.startswith(written):
            for token in tokens:
                end = self._begun + len(token.token)
                self._tokens.append((self._begun, end, token))
                self._begun = end
            self._loose = self._loose[len(written) :]
            return
        # Halves of characters, or a token that began in hidden text: then any of them may stand anywhere in the piece.
        self._tokens.extend((self._begun, self._end, token) for token in tokens)
        if tokens:
            self._begun, self._loose = self._end, ""

    def take(self, decided: int, spans: Sequence[Found]) -> tuple[TokenLogprob, ...]:
        """Return the tokens up to `decided` that touch no secret; `spans` are the secrets found since the last call."""
        self._spans.extend((found.start, found.end) for found in spans)
        taken: list[TokenLogprob] = []
        while self._tokens and self._tokens[0][1] <= decided:
            start, end, token = self._tokens.popleft()
            while self._spans and self._spans[0][1] <= start:
                self._spans.popleft()
            if not any(begin < max(end, start + 1) and start < stop for begin, stop in self._spans):
                taken.append(token)
        return tuple(taken)
