"""A request to continue text as it stands, without roles or templates."""

from __future__ import annotations

import msgspec

from .request import Sampling


class RawRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Text to be continued as it is: no template is laid around it and nothing in it is neutralised.

    Each of `prompts` is text, or the ids of tokens in the vocabulary of the checkpoint that answers. Each gets `n`
    results; result `i` belongs to prompt `i // n`. `echo` puts the prompt's text before each of its results.
    `max_tokens`, `stop`, `logprobs`, `mask`, `key`, `user` and `deadline` are those of `Request`.
    """

    model: str
    prompts: tuple[str | tuple[int, ...], ...]
    echo: bool = False
    sampling: Sampling = Sampling()
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    n: int = 1
    logprobs: int | None = None
    mask: bool | None = None
    key: str | None = None
    account: str | None = None
    user: str | None = None
    deadline: float | None = None

    @property
    def results(self) -> int:
        """How many results the whole answer has."""
        return self.n * len(self.prompts)
