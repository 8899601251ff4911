"""Reads a completions body into the common language.

What would change the answer and cannot be honoured is refused by name.
"""

from __future__ import annotations

import msgspec

from ...chat import InvalidRequest, RawRequest, Unsupported
from ..openai_chat.read import stop_sequences
from ..openai_chat.rules import ChatRules
from ..sampling import check_sampling, sampling_of
from ..validation import Range, at_least, invalid, within
from . import wire

_decode = msgspec.json.Decoder(wire.CompletionRequest).decode

DEFAULT_OUTPUT = 16
"""Tokens where the request does not say: OpenAI's number, which clients of this API count on."""

TOKEN_LIMIT = 2**31
LOGPROBS = Range(0, 5)
_RULES = ChatRules()


class CompletionFields(msgspec.Struct, frozen=True):
    """A request and how its answer is to be written."""

    request: RawRequest
    stream: bool
    include_usage: bool


def read_completion(body: bytes, key: str | None = None) -> CompletionFields:
    """Read a body; raises `InvalidRequest` (naming the field) and `Unsupported`."""
    try:
        asked = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise invalid(error) from None
    n = 1 if asked.n is None else asked.n
    _refuse(asked, n)
    _check(asked)
    stream = bool(asked.stream)
    if asked.stream_options is not None and not stream:
        raise InvalidRequest("stream_options is only allowed when stream is true.", param="stream_options")
    return CompletionFields(
        request=RawRequest(
            model=asked.model,
            prompts=_prompts(asked.prompt),
            echo=bool(asked.echo),
            sampling=sampling_of(asked, seed=asked.seed),
            max_tokens=DEFAULT_OUTPUT if asked.max_tokens is None else asked.max_tokens,
            stop=stop_sequences(asked.stop),
            n=n,
            logprobs=asked.logprobs,
            mask=asked.mask_sensitive_info,
            key=key,
            user=asked.user,
        ),
        stream=stream,
        include_usage=bool(asked.stream_options and asked.stream_options.include_usage),
    )


def _refuse(asked: wire.CompletionRequest, n: int) -> None:
    """Refuse what would silently change the answer if it were ignored."""
    if asked.suffix:
        raise Unsupported("suffix is not supported: the models continue text and do not fill gaps.", param="suffix")
    if asked.best_of is not None and asked.best_of != n:
        raise Unsupported(
            f"best_of must be n ({n}) or absent, but it is {asked.best_of}: results are not drawn to be thrown away.",
            param="best_of",
        )
    if asked.logit_bias:
        raise Unsupported(
            "logit_bias is not supported: its token ids belong to one tokenizer, and the client cannot know which"
            " checkpoint answers.",
            param="logit_bias",
        )
    if asked.echo and asked.logprobs is not None:
        raise Unsupported(
            "echo and logprobs cannot be asked for together: engines do not tell the probabilities of a prompt's own"
            " tokens.",
            param="logprobs",
        )


def _check(asked: wire.CompletionRequest) -> None:
    if not asked.model:
        raise InvalidRequest("The field 'model' must not be empty.", param="model")
    check_sampling(asked, temperature=_RULES.temperature, top_p=_RULES.top_p)
    within("logprobs", asked.logprobs, LOGPROBS)
    at_least("max_tokens", asked.max_tokens, 0)
    at_least("n", asked.n, 1)


def _prompts(prompt: str | list[str | int | list[int]]) -> tuple[str | tuple[int, ...], ...]:
    """Return the prompts: one text, several, the tokens of one, or of several."""
    if isinstance(prompt, str):
        return (_filled(prompt, "prompt"),)
    if prompt and isinstance(prompt[0], int):
        return (_tokens(prompt, "prompt"),)
    if not prompt:
        raise InvalidRequest("prompt must hold at least one prompt.", param="prompt")
    read: list[str | tuple[int, ...]] = []
    for i, one in enumerate(prompt):
        if type(one) is not type(prompt[0]):
            raise InvalidRequest("prompt must hold texts or lists of token ids, not both.", param=f"prompt[{i}]")
        read.append(_filled(one, f"prompt[{i}]") if isinstance(one, str) else _tokens(one, f"prompt[{i}]"))
    return tuple(read)


def _filled(text: str, field: str) -> str:
    if not text:
        raise InvalidRequest(f"{field} must not be empty: the models have no mark to begin with.", param=field)
    return text


def _tokens(ids: object, field: str) -> tuple[int, ...]:
    assert isinstance(ids, list)
    if not ids:
        raise InvalidRequest(f"{field} must not be empty: the models have no mark to begin with.", param=field)
    for token in ids:
        if not isinstance(token, int):
            raise InvalidRequest(f"{field} must hold token ids only, as its first item is one.", param=field)
        if not 0 <= token < TOKEN_LIMIT:
            raise InvalidRequest(f"{field} holds {token}, which is no token id.", param=field)
    return tuple(ids)
