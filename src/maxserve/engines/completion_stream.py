"""Reads streams of `/v1/completions` into pieces."""

from __future__ import annotations

import re

from ..chat import EngineRefused, TokenLogprob
from .completions import Choice, Chunk, Kind, Logprobs, Usage, failure, finds_stops
from .engine import EndChunk, EngineChunk, EngineRequest, TextChunk
from .stops import StopFinder

_LOWEST = -9999.0


def nothing(completion: EngineRequest, prompt: int) -> list[EngineChunk]:
    """Return the ends of results that may not have a single token; servers differ in what they make of that wish."""
    return [EndChunk(index, "length", prompt, 0, 0) for index in range(completion.n)]


class _Result:
    """What is known of one result so far."""

    def __init__(self, stops: tuple[str, ...]) -> None:
        self.finder = StopFinder(stops)
        self.tokens = 0
        self.reason: str | None = None
        self.stop: str | None = None

    @property
    def open(self) -> bool:
        return self.reason is None


class CompletionsReader:
    """Turns the chunks of one request into pieces; the ends come with `finish`, since the counts come last.

    Tokens are exact where the server counts along (vLLM, SGLang, llama-server). Elsewhere each event counts as one,
    and the usage at the end is believed for a single result; a prompt that nobody counted is taken to have a token
    per four bytes.
    """

    def __init__(self, kind: Kind, completion: EngineRequest) -> None:
        stops = completion.stop if finds_stops(kind) else ()
        self._stops = bool(stops)
        self._results = [_Result(stops) for _ in range(completion.n)]
        self._top = completion.logprobs
        self._usage: Usage | None = None
        self._prompt = 0
        self._cached = 0
        self._bytes = len(completion.prompt.encode())
        self.produced = False

    @property
    def stopped(self) -> bool:
        """Whether every result has met a stop string that we found ourselves."""
        return all(result.finder.found is not None for result in self._results)

    def read(self, chunks: list[Chunk]) -> list[EngineChunk]:
        """Return the pieces of `chunks`; raises an `Error` where one of them is an error."""
        pieces: list[EngineChunk] = []
        results, stops = self._results, self._stops
        for chunk in chunks:
            if chunk.error is not None:
                raise failure(chunk.error, 500)
            if chunk.usage is None and chunk.timings is None:
                for choice in chunk.choices:
                    if choice.finish_reason is None and choice.logprobs is None and choice.text and not stops:
                        result = results[choice.index]
                        if result.reason is None:
                            result.tokens += 1
                            self.produced = True
                            pieces.append(TextChunk(choice.index, choice.text))
                    else:
                        self._read(choice, chunk, pieces)
                continue
            self._count(chunk)
            for choice in chunk.choices:
                self._read(choice, chunk, pieces)
        return pieces

    def finish(self) -> list[EngineChunk]:
        """Return the last pieces and the ends; raises `EngineRefused` where a result was never finished."""
        pieces: list[EngineChunk] = []
        usage = self._usage
        for index, result in enumerate(self._results):
            held = result.finder.finish()
            if held:
                pieces.append(TextChunk(index, held, 0))
            if result.reason is None:
                raise EngineRefused("The engine ended its stream before the results were complete.")
        prompt = self._prompt or max(1, self._bytes // 4)
        for index, result in enumerate(self._results):
            tokens = result.tokens
            if len(self._results) == 1 and usage is not None and usage.completion_tokens is not None:
                tokens = max(usage.completion_tokens, tokens)
            if tokens > result.tokens:
                pieces.append(TextChunk(index, "", tokens - result.tokens))  # drawn, but never shown in an event
            reason = result.reason
            if reason == "length":
                pieces.append(EndChunk(index, "length", prompt, tokens, self._cached))
            elif reason == "stop" and result.stop is not None:
                pieces.append(EndChunk(index, "stop", prompt, tokens, self._cached, result.stop))
            elif reason == "abort":
                raise EngineRefused("The engine broke the request off.")
            else:
                pieces.append(EndChunk(index, "end", prompt, tokens, self._cached))
        return pieces

    def _count(self, chunk: Chunk) -> None:
        if chunk.usage is not None:
            self._usage = chunk.usage
            self._prompt = max(self._prompt, chunk.usage.prompt_tokens)
            details = chunk.usage.prompt_tokens_details
            if details is not None and details.cached_tokens:
                self._cached = max(self._cached, details.cached_tokens)
        if chunk.timings is not None:
            self._prompt = max(self._prompt, chunk.timings.prompt_n + chunk.timings.cache_n)
            self._cached = max(self._cached, chunk.timings.cache_n)

    def _read(self, choice: Choice, chunk: Chunk, pieces: list[EngineChunk]) -> None:
        result = self._results[choice.index]
        if not result.open:
            return
        text = choice.text or ""
        if chunk.timings is not None:
            count = chunk.timings.predicted_n
        elif chunk.usage is not None and chunk.usage.completion_tokens is not None:
            count = chunk.usage.completion_tokens
        else:
            count = result.tokens + (1 if text else 0)
        tokens, result.tokens = max(0, count - result.tokens), max(count, result.tokens)
        if text or tokens:
            self.produced = True
            logprobs = self._logprobs(choice.logprobs) if choice.logprobs is not None else ()
            pieces.append(TextChunk(choice.index, result.finder.feed(text), tokens, logprobs))
        if result.finder.found is not None:
            result.reason, result.stop = "stop", result.finder.found
        elif choice.finish_reason is not None:
            result.reason = choice.finish_reason
            for stop in (choice.stop_reason, choice.matched_stop):
                if isinstance(stop, str):
                    result.stop = stop

    def _logprobs(self, found: Logprobs) -> tuple[TokenLogprob, ...]:
        top = self._top or 0
        if found.content is not None:
            return tuple(
                TokenLogprob(
                    one.token,
                    _number(one.logprob),
                    bytes(one.bytes),
                    tuple((other.token, _number(other.logprob)) for other in one.top_logprobs[:top]),
                )
                for one in found.content
            )
        tokens = found.tokens or []
        values = found.token_logprobs or [None] * len(tokens)
        tops = found.top_logprobs or [None] * len(tokens)
        return tuple(
            TokenLogprob(token, _number(value), _bytes(token), _best(best, top))
            for token, value, best in zip(tokens, values, tops, strict=False)
        )


def _best(found: dict[str, float | None] | None, top: int) -> tuple[tuple[str, float], ...]:
    ranked = sorted(((token, _number(value)) for token, value in (found or {}).items()), key=lambda pair: -pair[1])
    return tuple(ranked[:top])


def _number(logprob: float | None) -> float:
    return _LOWEST if logprob is None else max(logprob, _LOWEST)


def _bytes(token: str) -> bytes:
    """The bytes of a token as OpenAI's legacy form writes it: text, or `bytes:\\xe2\\x80` for a part of a character."""
    if token.startswith("bytes:") and re.fullmatch(r"(?:\\x[0-9a-fA-F]{2})+", token[6:]):
        return bytes.fromhex(token[6:].replace("\\x", ""))
    return token.encode()
