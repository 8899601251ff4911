"""From raw text to final events: merging, early ends, thinking first, counts."""

from __future__ import annotations

import pytest

from maxserve.chat import (
    EngineCrashed,
    Event,
    Finished,
    Grammar,
    InternalError,
    InvalidRequest,
    JsonSchema,
    Progress,
    ReasoningDelta,
    Schema,
    Started,
    TextDelta,
    TokenLogprob,
    Tool,
    ToolCallDelta,
    ToolCallStarted,
    ToolChoice,
    Usage,
)
from maxserve.engines import TextChunk

from .replay import Replay, end, events, read_prompt, request, said

SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
JSON = JsonSchema("x", SCHEMA)
TOOL = Tool("get_weather", "w", {"type": "object", "properties": {"city": {"type": "string"}}})
CALL = '\n<minimax:tool_call>\n<invoke name="get_weather">\n<parameter name="city">{}</parameter>\n</invoke>\n'
CALLED = CALL.format("Oslo") + "</minimax:tool_call>"


def text(found: list[Event], index: int = 0) -> str:
    return "".join(event.text for event in found if isinstance(event, TextDelta) and event.index == index)


def thought(found: list[Event], index: int = 0) -> str:
    return "".join(event.text for event in found if isinstance(event, ReasoningDelta) and event.index == index)


def finish(found: list[Event], index: int = 0) -> Finished:
    (finished,) = [event for event in found if isinstance(event, Finished) and event.index == index]
    return finished


async def test_a_plain_answer() -> None:
    engine = Replay([read_prompt(), *said("Let", " me", " see", "\n</think>", "\n\n", "Yes", "."), end(completion=8)])
    found = await events(engine, request())
    assert found[0] == Started("replayed")
    assert found[1] == Progress(10, 10, 4)
    assert (thought(found), text(found)) == ("Let me see", "Yes.")
    assert finish(found) == Finished(0, "stop", Usage(10, 8, 4, 4))
    assert isinstance(found[-1], Finished)


async def test_a_burst_is_one_event_and_counts_every_token() -> None:
    burst = [TextChunk(0, piece) for piece in ("a", "b", "c", "d")]
    found = await events(Replay([*said("t", "</think>", "\n\n"), [*burst, *end(completion=8)]]), request())
    assert [event.text for event in found if isinstance(event, TextDelta)] == ["abcd"]
    assert finish(found).usage == Usage(10, 8, 4, 2)


async def test_a_stop_sequence_frees_the_engine_and_counts_the_prompt() -> None:
    engine = Replay([*said("t", "</think>", "\n\none ", "STO", "P two"), end()])
    found = await events(engine, request(stop=("STOP",)))
    assert text(found) == "one "
    assert finish(found) == Finished(0, "stop", Usage(77, 5, 0, 2), "STOP")
    assert engine.closed_early == 1


async def test_a_stop_sequence_in_the_thought_does_nothing() -> None:
    engine = Replay([*said("STOP and think", "</think>", "\n\nfine"), end()])
    found = await events(engine, request(stop=("STOP",)))
    assert (thought(found), text(found)) == ("STOP and think", "fine")


async def test_held_text_is_released_at_the_end() -> None:
    found = await events(Replay([*said("t</think>\n\n", "fine STO"), end()]), request(stop=("STOP",)))
    assert text(found) == "fine STO"


async def test_length_ends_with_its_reason() -> None:
    found = await events(Replay([*said("t", "hinking"), end("length", completion=2)]), request(max_tokens=2))
    assert finish(found) == Finished(0, "length", Usage(10, 2, 4, 2))


async def test_one_call_only_where_parallel_calls_are_off() -> None:
    raw = (
        "t</think>"
        + CALL.format("Oslo")
        + CALL.format("Rome").removeprefix("\n<minimax:tool_call>\n")
        + "</minimax:tool_call>"
    )
    for parallel, calls in ((True, 2), (False, 1)):
        engine = Replay([*said(*raw), end()])
        found = await events(engine, request(tools=(TOOL,), parallel_tool_calls=parallel))
        assert sum(isinstance(event, ToolCallStarted) for event in found) == calls
        assert finish(found).reason == "tool_calls"
        assert engine.closed_early == (0 if parallel else 1)


async def test_no_call_where_tools_are_off() -> None:
    found = await events(
        Replay([*said("t</think>ok", CALLED), end()]), request(tools=(TOOL,), tool_choice=ToolChoice("none"))
    )
    assert not any(isinstance(event, ToolCallStarted | ToolCallDelta) for event in found)
    assert (text(found).strip(), finish(found).reason) == ("ok", "stop")


async def test_logprobs_belong_to_visible_text_only() -> None:
    def piece(raw: str) -> TextChunk:
        return TextChunk(0, raw, 1, (TokenLogprob(raw, -1.0, raw.encode()),))

    raw = ["think", "</think>", "\n\n", "Hel", "lo", " STOP", " no"]
    for stop, expected in (((), ["Hel", "lo", " STOP", " no"]), ((" STOP",), ["Hel", "lo"])):
        engine = Replay([[piece(token)] for token in raw] + [end()])
        found = await events(engine, request(logprobs=0, stop=stop))
        tokens = [token.token for event in found if isinstance(event, TextDelta) for token in event.logprobs or ()]
        assert tokens == expected


async def test_several_results_are_told_apart() -> None:
    engine = Replay(
        [
            [TextChunk(0, "a</think>\n\n"), TextChunk(1, "b</think>\n\n")],
            [TextChunk(1, "B"), TextChunk(0, "A"), TextChunk(1, "B")],
            [*end(index=1, completion=3), TextChunk(0, "A")],
            end(index=0, completion=3),
        ]
    )
    found = await events(engine, request(n=2))
    assert [(thought(found, i), text(found, i)) for i in (0, 1)] == [("a", "AA"), ("b", "BB")]


async def test_a_schema_lets_the_model_think_first() -> None:
    engine = Replay(
        [read_prompt(), *said("Let me", " see\n"), end("stop", completion=3, stop="</think>")],
        [*said('{"a":', ' "b"}'), end(prompt=14, completion=3)],
    )
    found = await events(engine, request(response_format=JSON, max_tokens=50))
    assert (thought(found), text(found)) == ("Let me see", '{"a": "b"}')
    assert finish(found) == Finished(0, "stop", Usage(10, 6, 4, 3))
    first, second = engine.asked
    assert "</think>" in first.stop
    assert first.constraint is None
    assert isinstance(second.constraint, Schema)
    assert second.prompt.startswith(first.prompt)
    assert second.prompt.endswith("Let me see\n</think>\n\n")
    assert (first.max_tokens, second.max_tokens) == (50, 47)


async def test_a_thought_that_uses_up_the_tokens_ends_there() -> None:
    engine = Replay([*said("Let me", " see"), end("length", completion=2)])
    found = await events(engine, request(response_format=JSON, max_tokens=2))
    assert (text(found), finish(found).reason) == ("", "length")
    engine = Replay([*said("Let me"), end("stop", completion=2, stop="</think>")])
    found = await events(engine, request(response_format=JSON, max_tokens=2))
    assert (text(found), finish(found).reason) == ("", "length")


async def test_a_thought_that_spends_its_budget_is_closed_and_answered() -> None:
    engine = Replay(
        [read_prompt(), *said("Let me", " see"), end("length", completion=2)],
        [*said("Paris", "."), end(prompt=14, completion=3)],
    )
    found = await events(engine, request(thinking_budget=2, max_tokens=50))
    assert (thought(found), text(found)) == ("Let me see", "Paris.")
    assert finish(found) == Finished(0, "stop", Usage(10, 5, 4, 2))
    first, second = engine.asked
    assert (first.max_tokens, second.max_tokens) == (2, 48)
    assert second.constraint is None
    assert second.prompt.endswith("Let me see\n</think>\n\n")


async def test_a_thought_within_its_budget_ends_by_itself_and_may_call_a_tool() -> None:
    call = '<minimax:tool_call>\n<invoke name="look">\n</invoke>\n</minimax:tool_call>'
    engine = Replay(
        [read_prompt(), *said("Hm."), end("stop", completion=2, stop="</think>")],
        [*said(call), end(prompt=14, completion=9)],
    )
    found = await events(engine, request(thinking_budget=100, tools=(Tool("look"),)))
    assert finish(found).reason == "tool_calls"
    assert finish(found).usage.reasoning == 2


async def test_a_budget_above_the_tokens_allowed_changes_nothing() -> None:
    engine = Replay([*said("Let me", " see"), end("length", completion=2)])
    found = await events(engine, request(thinking_budget=2, max_tokens=2))
    assert (text(found), finish(found).reason) == ("", "length")


async def test_several_constrained_results_have_their_own_thoughts_and_seeds() -> None:
    from maxserve.chat import Sampling

    engine = Replay(
        [
            [TextChunk(0, "first"), TextChunk(1, "second")],
            [*end("stop", index=1, completion=2), *end("stop", index=0, completion=2)],
        ],
        [*said('{"a": "x"}'), end(prompt=14, completion=1)],
        [*said('{"a": "x"}'), end(prompt=14, completion=1)],
    )
    found = await events(engine, request(response_format=JSON, n=2, sampling=Sampling(seed=40)))
    assert [(thought(found, i), text(found, i)) for i in (0, 1)] == [("first", '{"a": "x"}'), ("second", '{"a": "x"}')]
    assert engine.asked[0].n == 2
    assert {(c.n, c.sampling.seed) for c in engine.asked[1:]} == {(1, 40), (1, 41)}
    assert any("first\n</think>" in c.prompt for c in engine.asked[1:])


async def test_a_required_call_is_held_by_a_grammar() -> None:
    engine = Replay(
        [*said("I need it\n"), end("stop", completion=3, stop="</think>")],
        [*said(*CALLED), end(prompt=14, completion=9)],
    )
    found = await events(engine, request(tools=(TOOL,), tool_choice=ToolChoice("required")))
    assert isinstance(engine.asked[1].constraint, Grammar)
    assert [event.name for event in found if isinstance(event, ToolCallStarted)] == ["get_weather"]
    assert finish(found).reason == "tool_calls"


async def test_with_tools_and_a_schema_the_model_may_call() -> None:
    asked = request(tools=(TOOL,), response_format=JSON)
    engine = Replay([*said("hm\n"), end("stop", stop="</think>")], [*said(*CALLED), end(prompt=14)])
    found = await events(engine, asked)
    assert finish(found).reason == "tool_calls"
    engine = Replay(
        [*said("hm\n"), end("stop", stop="</think>")],
        [*said("The answer", " is"), end(prompt=14)],
        [*said('{"a": "b"}'), end(prompt=14)],
    )
    found = await events(engine, asked)
    assert (text(found), finish(found).reason) == ('{"a": "b"}', "stop")
    assert [type(c.constraint) for c in engine.asked] == [type(None), type(None), Schema]
    assert engine.closed_early == 1


async def test_a_failure_comes_through_and_frees_the_place() -> None:
    with pytest.raises(EngineCrashed):
        await events(Replay([*said("t"), EngineCrashed("gone")]), request())
    with pytest.raises(EngineCrashed):
        await events(
            Replay([*said("t"), end("stop")], [*said("{"), EngineCrashed("gone")]), request(response_format=JSON)
        )
    with pytest.raises(InternalError):
        await events(Replay([*said("t")]), request())


@pytest.mark.parametrize(("fields", "param"), [({"n": 17}, "n"), ({"max_tokens": 10**9}, "max_tokens")])
async def test_limits(fields: dict[str, int], param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await events(Replay(), request(**fields))
    assert caught.value.param == param
