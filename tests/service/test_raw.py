"""Raw prompts: text as it stands, several side by side, counted once each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from maxserve.catalogue import Catalogue
from maxserve.chat import (
    SEEDS,
    CompletionBuilder,
    ContextOverflow,
    EngineCrashed,
    Event,
    Finished,
    InvalidRequest,
    RawRequest,
    Sampling,
    Started,
    TextDelta,
    TokenLogprob,
    UnknownModel,
    Usage,
)
from maxserve.engines import EngineChunk, EngineRequest, TextChunk
from maxserve.service import Service, ServiceLimits

from .replay import Replay, end, events, read_prompt, said

FORGED = "]~b]user\nHi[e~[\n]~b]ai\n<think>\n"


def raw(*prompts: str | tuple[int, ...], **fields: object) -> RawRequest:
    return RawRequest(**{"model": "MiniMax-M2.7", "prompts": prompts or (FORGED,), **fields})  # type: ignore[arg-type]


def text(found: list[Event], index: int = 0) -> str:
    return "".join(event.text for event in found if isinstance(event, TextDelta) and event.index == index)


def finish(found: list[Event], index: int = 0) -> Finished:
    (finished,) = [event for event in found if isinstance(event, Finished) and event.index == index]
    return finished


async def test_text_goes_in_and_comes_out_as_it_is() -> None:
    engine = Replay([read_prompt(), *said("hm", "</think>", "\n<minimax:tool_call>", "<invoke"), end(completion=5)])
    sampling = Sampling(temperature=0.5, seed=SEEDS + 1, repetition_penalty=1.1)
    found = await events(engine, raw(sampling=sampling, max_tokens=7))
    assert found[0] == Started("replayed")
    assert text(found) == "hm</think>\n<minimax:tool_call><invoke"
    assert {type(event) for event in found[2:]} == {TextDelta, Finished}
    assert finish(found) == Finished(0, "stop", Usage(10, 5, 4, 0))
    (asked,) = engine.asked
    assert (asked.prompt, asked.max_tokens, asked.constraint, asked.stop) == (FORGED, 7, None, ())
    assert (asked.sampling.temperature, asked.sampling.top_p) == (0.5, 0.95)
    assert (asked.sampling.seed, asked.sampling.repetition_penalty) == (1, 1.1)


async def test_the_end_has_the_engines_reason() -> None:
    assert finish(await events(Replay([*said("a"), end("length", completion=1)]), raw())).reason == "length"


async def test_a_stop_sequence_cuts_the_text_and_frees_the_engine() -> None:
    engine = Replay([*said("one ", "ST", "OP", " two"), end()])
    found = await events(engine, raw(stop=("STOP",)))
    assert text(found) == "one "
    assert finish(found) == Finished(0, "stop", Usage(77, 3), "STOP")
    assert engine.closed_early == 1


async def test_several_prompts_have_their_own_results_and_seeds() -> None:
    engine = Replay(
        [read_prompt(6), [TextChunk(0, "a"), TextChunk(1, "b")], end(prompt=6, completion=2), end(index=1, prompt=6)],
        [read_prompt(9), [TextChunk(1, "d"), TextChunk(0, "c")], end(prompt=9), end(index=1, prompt=9, completion=5)],
    )
    asked = raw("first", (5, 7), n=2, sampling=Sampling(seed=40))
    found = await events(engine, asked)
    assert [text(found, i) for i in range(4)] == ["a", "b", "c", "d"]
    assert [(c.prompt, c.n, c.sampling.seed) for c in engine.asked] == [("first", 2, 40), ("<5><7>", 2, 42)]
    builder = CompletionBuilder(asked.results, asked.n)
    builder.add(found)
    assert builder.result().usage == Usage(6 + 9, 2 + 1 + 1 + 5, 4 + 4)


async def test_the_prompt_is_echoed_once_the_engine_takes_it() -> None:
    engine = Replay([read_prompt(), [TextChunk(0, "a"), TextChunk(1, "b")], end(), end(index=1)])
    found = await events(engine, raw("say ", n=2, echo=True, stop=("say",)))
    assert [text(found, i) for i in (0, 1)] == ["say a", "say b"]
    nothing = await events(Replay([end("length", completion=0)]), raw("say ", echo=True, max_tokens=0))
    assert (text(nothing), finish(nothing).usage.completion) == ("say ", 0)


async def test_an_overflow_names_the_prompt_before_anything_is_shown() -> None:
    service = Service(Catalogue.load(), Replay([ContextOverflow("The prompt has 9 tokens.", prompt_tokens=9)]))
    answer = await service.answer(raw(echo=True))
    stream = aiter(answer)
    assert await anext(stream) == [Started("replayed")]
    with pytest.raises(ContextOverflow) as caught:
        await anext(stream)
    assert caught.value.param == "prompt"
    assert service.admission.inside == 0


async def test_every_token_has_its_probability() -> None:
    tokens = [TokenLogprob(word, -1.0, word.encode()) for word in ("<think>", "Hel", "lo")]
    engine = Replay([[TextChunk(0, token.token, 1, (token,)) for token in tokens], end()])
    found = await events(engine, raw(logprobs=0))
    assert [t for event in found if isinstance(event, TextDelta) for t in event.logprobs or ()] == tokens


async def test_one_failure_ends_all_prompts() -> None:
    service = Service(Catalogue.load(), engine := Endless(1))
    answer = await service.answer(raw("a", "b", "c"))
    with pytest.raises(EngineCrashed):
        async for _ in answer:
            pass
    assert (engine.running, service.admission.inside) == (0, 0)


async def test_going_away_frees_every_slot() -> None:
    service = Service(Catalogue.load(), engine := Endless())
    answer = await service.answer(raw("a", "b", "c"))
    async for batch in answer:
        if any(isinstance(event, TextDelta) for event in batch):
            break
    assert (engine.running, service.admission.inside) == (3, 1)
    await answer.aclose()
    assert (engine.running, service.admission.inside) == (0, 0)


class Endless(Replay):
    """Writes for ever; the completion of number `crash` breaks off after its first token."""

    def __init__(self, crash: int | None = None) -> None:
        super().__init__()
        self.running = 0
        self._crash = crash

    async def generate(self, completion: EngineRequest) -> AsyncGenerator[list[EngineChunk]]:
        number = len(self.asked)
        self.asked.append(completion)
        self.running += 1
        try:
            while True:
                await asyncio.sleep(0)  # as a socket would
                yield [TextChunk(0, "x")]
                if number == self._crash:
                    raise EngineCrashed("gone")
        finally:
            self.running -= 1


@pytest.mark.parametrize(
    ("asked", "param"),
    [
        (raw(n=5), "n"),
        (raw("a", "b", "c", n=2), "prompt"),
        (raw(max_tokens=10**9), "max_tokens"),
    ],
)
async def test_limits(asked: RawRequest, param: str) -> None:
    service = Service(Catalogue.load(), Replay(), ServiceLimits(max_n=4))
    with pytest.raises(InvalidRequest) as caught:
        await service.answer(asked)
    assert caught.value.param == param


async def test_an_unknown_model() -> None:
    with pytest.raises(UnknownModel):
        await events(Replay(), raw(model="gpt-9"))


def test_usage_counts_each_prompt_once() -> None:
    results = [Usage(5, 1, 2), Usage(5, 2, 4), Usage(7, 3, 0), Usage(7, 4, 6)]
    assert Usage.of_answer(results) == Usage(7, 10, 6)
    assert Usage.of_answer(results, 2) == Usage(12, 10, 10)
    assert Usage.of_answer(results, 1) == Usage(24, 10, 12)
    assert Usage.of_answer([], 2) == Usage()
