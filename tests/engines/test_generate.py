"""What every engine does with a completion: the embedded one and a real server elsewhere."""

from __future__ import annotations

import asyncio
import time

import pytest

from maxserve.chat import ContextOverflow, EngineRefused, Grammar, Schema
from maxserve.engines import EndChunk, Engine, TextChunk

from .work import CONTEXT, LONG, PROMPT, completion, run

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(params=["m2", "m3", "remote"])
def engine(request: pytest.FixtureRequest) -> Engine:
    found: Engine = request.getfixturevalue(request.param)
    return found


async def test_same_seed_same_text_other_seed_other_text(engine: Engine) -> None:
    wish = completion(max_tokens=24, constraint=LONG)
    await run(
        engine, wish
    )  # a cached prompt gives other roundings than one that is read, and now and then another word
    first = await run(engine, wish)
    assert (await run(engine, wish)).text == first.text
    assert (await run(engine, completion(max_tokens=24, constraint=LONG, seed=8))).text != first.text
    assert first.end.reason == "length"
    assert first.end.completion == 24
    assert first.end.prompt == await engine.count(PROMPT)


async def test_no_seed_is_a_new_one_each_time(engine: Engine) -> None:
    wish = completion(seed=None, max_tokens=24, constraint=LONG)
    assert (await run(engine, wish)).text != (await run(engine, wish)).text


@pytest.mark.parametrize("seed", [-1, 2**31, 2**32 - 1, 2**63])
async def test_any_whole_number_is_a_seed(engine: Engine, seed: int) -> None:
    wish = completion(seed=seed, constraint=LONG)
    await run(engine, wish)
    assert (await run(engine, wish)).text == (await run(engine, wish)).text


async def test_temperature_zero_is_greedy(engine: Engine) -> None:
    greedy = completion(temperature=0.0, seed=1, constraint=LONG, logprobs=0)
    await run(engine, greedy)
    first = await run(engine, greedy)
    assert (await run(engine, completion(temperature=0.0, seed=2, constraint=LONG))).text == first.text
    free = await run(engine, completion(temperature=0.0, logprobs=1))
    for token in free.logprobs[0]:
        if token.bytes == token.token.encode():  # a token that is a part of a character has no text of its own
            assert token.top[0][1] <= token.logprob + 1e-6


async def test_results_are_drawn_with_seeds_in_a_row(engine: Engine) -> None:
    letters = Grammar("root ::= [a-z]{8}")
    same, other = 0, 0
    for seed in range(40, 46):
        together = await run(engine, completion(n=2, constraint=letters, seed=seed, temperature=3.0))
        alone = await run(engine, completion(constraint=letters, seed=seed + 1, temperature=3.0))
        same += together.texts[1][:3] == alone.text[:3]
        other += together.texts[0][:3] == alone.text[:3]
    # Two results are computed side by side with other roundings than one alone: now and then that turns a draw.
    assert same >= 4
    assert other <= 2


async def test_results_share_the_prompt(engine: Engine) -> None:
    outcome = await run(engine, completion(n=2))
    assert {end.prompt for end in outcome.ends.values()} == {await engine.count(PROMPT)}


async def test_the_prefix_cache_is_counted(engine: Engine) -> None:
    prompt = f"{PROMPT} {time.monotonic_ns()} " * 20
    tokens = await engine.count(prompt)
    assert (await run(engine, completion(prompt, max_tokens=1))).end.cached < tokens // 2
    assert (await run(engine, completion(prompt, max_tokens=1))).end.cached >= tokens - 1


async def test_stop_strings_end_the_output_and_are_left_out(engine: Engine) -> None:
    letters = Grammar('root ::= "abc, def, ghi, jkl"')
    whole = await run(engine, completion(constraint=letters, max_tokens=40))
    assert (whole.text, whole.end.reason) == ("abc, def, ghi, jkl", "end")
    for stop in (("f, g",), ("nothing", "f, g", "jkl"), ("x, def, ghi, jkl", "f, g")):
        outcome = await run(engine, completion(constraint=letters, max_tokens=40, stop=stop))
        assert outcome.text == "abc, de"
        assert (outcome.end.reason, outcome.end.stop) == ("stop", "f, g")


async def test_what_only_looked_like_a_stop_string_is_not_lost(engine: Engine) -> None:
    letters = Grammar('root ::= "abcdefghijklmnopqrstuvwxyz"')
    for limit in range(1, 12):
        plain = await run(engine, completion(constraint=letters, max_tokens=limit, temperature=0.0))
        stops = tuple(plain.text[at:] + "!" for at in range(len(plain.text)))
        held = await run(engine, completion(constraint=letters, max_tokens=limit, temperature=0.0, stop=stops))
        assert held.text == plain.text
        assert held.end == plain.end or held.end.cached != plain.end.cached


async def test_characters_of_several_tokens_stay_whole(engine: Engine) -> None:
    text = "漢𝄞ŋ🦒ẞ"
    outcome = await run(engine, completion(constraint=Grammar(f'root ::= "{text}"'), max_tokens=60))
    assert outcome.text == text
    assert outcome.end.reason == "end"
    assert outcome.end.completion > len(text)


async def test_a_character_cut_by_the_limit_is_left_out(engine: Engine) -> None:
    outcome = await run(engine, completion(constraint=Grammar('root ::= "ab𝄞𝄞𝄞𝄞"'), max_tokens=5))
    assert outcome.text in ("ab", "ab𝄞")
    assert outcome.end.completion == 5


async def test_logprobs_have_the_bytes_of_the_text(engine: Engine) -> None:
    outcome = await run(engine, completion(logprobs=3, max_tokens=10, constraint=LONG))
    found = outcome.logprobs[0]
    assert b"".join(token.bytes for token in found).decode() == outcome.text
    assert all(token.logprob <= 0.0 and len(token.top) == 3 for token in found)
    assert all(token.top[0][1] >= token.top[1][1] >= token.top[2][1] for token in found)
    only = await run(engine, completion(logprobs=0, max_tokens=4, constraint=LONG))
    assert [token.top for token in only.logprobs[0]] == [()] * len(only.logprobs[0])
    assert (await run(engine, completion(max_tokens=4, constraint=LONG))).logprobs == {0: []}


async def test_a_schema_holds_without_loose_white_space(engine: Engine) -> None:
    sizes = {"type": "array", "items": {"enum": [1, 2]}, "minItems": 2, "maxItems": 2}
    schema = {
        "type": "object",
        "properties": {"kind": {"enum": ["a", "b"]}, "sizes": sizes},
        "required": ["kind", "sizes"],
        "additionalProperties": False,
    }
    outcome = await run(engine, completion(constraint=Schema(schema), max_tokens=60))
    kinds, numbers = ("a", "b"), (1, 2)
    assert outcome.text in {f'{{"kind": "{k}", "sizes": [{x}, {y}]}}' for k in kinds for x in numbers for y in numbers}
    assert outcome.end.reason == "end"


async def test_a_broken_grammar_is_refused(engine: Engine) -> None:
    with pytest.raises(EngineRefused, match="grammar"):
        await run(engine, completion(constraint=Grammar("root ::= nothing")))


async def test_a_prompt_over_the_context_is_refused_with_numbers(engine: Engine) -> None:
    with pytest.raises(ContextOverflow) as caught:
        await run(engine, completion("word " * 1500))
    assert caught.value.prompt_tokens is not None
    assert caught.value.prompt_tokens > CONTEXT
    assert caught.value.context == CONTEXT


async def test_the_end_of_the_context_is_a_length(engine: Engine) -> None:
    prompt = "a b " * 240
    for limit in (None, 1000):
        outcome = await run(engine, completion(prompt, max_tokens=limit, constraint=LONG))
        assert outcome.end.reason == "length"
        assert outcome.end.prompt + outcome.end.completion in (CONTEXT, CONTEXT + 1)


async def test_pieces_come_while_the_model_writes(engine: Engine) -> None:
    reads = 0
    async for pieces in engine.generate(completion(max_tokens=600, constraint=LONG)):
        assert pieces
        reads += any(isinstance(piece, TextChunk) for piece in pieces)
    assert reads > 4


async def test_leaving_frees_the_place_at_once(engine: Engine) -> None:
    wish = completion(max_tokens=900, constraint=LONG, n=2)
    began = time.perf_counter()
    await run(engine, wish)
    whole = time.perf_counter() - began
    lists = engine.generate(wish)
    async for pieces in lists:
        if any(isinstance(piece, TextChunk) for piece in pieces):
            break
    began = time.perf_counter()
    await lists.aclose()
    await run(engine, completion(max_tokens=1, n=2))
    assert time.perf_counter() - began < whole / 4


async def test_a_cancelled_task_frees_the_place(engine: Engine) -> None:
    started = asyncio.Event()

    async def work() -> None:
        async for pieces in engine.generate(completion(max_tokens=900, constraint=LONG)):
            if any(isinstance(piece, TextChunk) for piece in pieces):
                started.set()

    task = asyncio.create_task(work())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await run(engine, completion(max_tokens=2))).end.completion <= 2


async def test_many_at_once_each_get_their_own(engine: Engine) -> None:
    wishes = [completion(constraint=Grammar(f'root ::= "number {i} of many"'), max_tokens=40) for i in range(12)]
    outcomes = await asyncio.gather(*(run(engine, wish) for wish in wishes))
    assert [outcome.text for outcome in outcomes] == [f"number {i} of many" for i in range(12)]


async def test_counting(engine: Engine) -> None:
    assert await engine.count("") == 0
    assert await engine.count("[e~[") == 1
    assert await engine.count("[e~[ word") > 1


async def test_one_end_per_result_comes_last(engine: Engine) -> None:
    ended = set()
    async for pieces in engine.generate(completion(n=2, max_tokens=5)):
        for piece in pieces:
            assert getattr(piece, "index", None) not in ended
            if isinstance(piece, EndChunk):
                ended.add(piece.index)
    assert ended == {0, 1}


async def test_no_output_at_all_and_no_prompt_at_all(engine: Engine) -> None:
    nothing = await run(engine, completion(max_tokens=0, n=2))
    assert nothing.texts == {0: "", 1: ""}
    assert {(end.reason, end.completion) for end in nothing.ends.values()} == {("length", 0)}
    assert nothing.end.prompt == await engine.count(PROMPT)
    assert (await run(engine, completion("", max_tokens=3))).end.completion <= 3
