"""Sensitivity on the road of a request: what the engine is not asked, what an answer may not say, and who fails how."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from maxserve.catalogue import Catalogue
from maxserve.chat import (
    Event,
    Finished,
    Message,
    ModerationUnavailable,
    RawRequest,
    ReasoningDelta,
    Request,
    SensitivePrompt,
    Sensitivity,
    Started,
    TextDelta,
    ToolCallDelta,
    Usage,
)
from maxserve.masking import Names, Policy
from maxserve.moderation import ModerationEndpoint, SensitivityPolicy
from maxserve.moderation.endpoint import LONGEST, OVERLAP
from maxserve.service import ModerationGate, Service
from tests.support.moderation import Endpoint, moderating

from .replay import Replay, end, read_prompt, request, said

WORDS = {"gore": "violence/graphic", "slur": "hate", "spam": "spam"}
NAMES = Names({"spam": "advertising"})


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with moderating(WORDS) as running:
        yield running


def by_patterns(**actions: Any) -> ModerationGate:
    return ModerationGate(SensitivityPolicy(patterns=("abuse=you fool", "advertising=buy now"), **actions))


@asynccontextmanager
async def asking(
    endpoint: Endpoint, *, stretch: int = 500, timeout_s: float = 5.0, **actions: Any
) -> AsyncIterator[ModerationGate]:
    policy = SensitivityPolicy(judged=NAMES.categories, **actions)
    moderation = ModerationEndpoint(endpoint.url, key="k3y", model="omni", timeout_s=timeout_s, names=NAMES)
    judge = ModerationGate(policy, moderation, stretch)
    try:
        yield judge
    finally:
        await judge.close()


async def batches(
    engine: Replay, judge: ModerationGate, asked: Request | RawRequest | None = None, masking: Policy | None = None
) -> list[list[Event]]:
    service = Service(Catalogue.load(), engine, masking=masking, judge=judge)
    answer = await service.answer(asked or request())
    try:
        return [batch async for batch in answer]
    finally:
        await answer.aclose()
        assert service.admission.inside == 0


async def heard(engine: Replay, judge: ModerationGate, asked: Request | RawRequest | None = None) -> list[Event]:
    return [event for batch in await batches(engine, judge, asked) for event in batch]


def text(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def finished(events: list[Event]) -> Finished:
    (last,) = [event for event in events if isinstance(event, Finished)]
    return last


async def test_a_blocked_prompt_never_reaches_the_engine() -> None:
    engine = Replay([*said("hi"), end()])
    asked = request(messages=(Message("system", "Be kind."), Message("user", "You FOOL!")))
    with pytest.raises(SensitivePrompt, match="abuse") as caught:
        await heard(engine, by_patterns(prompt={"abuse": "block", "advertising": "flag"}), asked)
    assert (caught.value.category, caught.value.param) == ("abuse", "messages")
    assert engine.asked == []


async def test_a_raw_prompt_is_judged_by_its_text() -> None:
    engine = Replay([*said("hi"), end()])
    asked = RawRequest(model="MiniMax-M2.7", prompts=((1, 2), "you fool"))
    with pytest.raises(SensitivePrompt) as caught:
        await heard(engine, by_patterns(prompt={"abuse": "block", "advertising": "flag"}), asked)
    assert caught.value.param == "prompt"
    assert engine.asked == []


async def test_what_is_only_told_is_told_at_the_end() -> None:
    engine = Replay([*said("t", "</think>", "\n\n", "buy ", "now"), end()])
    judge = by_patterns(prompt={"abuse": "flag"}, answer={"advertising": "flag"})
    events = await heard(engine, judge, request(messages=(Message("user", "you fool"),)))
    assert text(events) == "buy now"
    assert finished(events).sensitivity == Sensitivity(5, 3)
    assert finished(events).reason == "stop"


async def test_nothing_found_is_nothing_said() -> None:
    engine = Replay([*said("t", "</think>", "\n\n", "hello"), end()])
    judge = by_patterns(prompt={"abuse": "flag"}, answer={"advertising": "block"})
    assert finished(await heard(engine, judge)).sensitivity is None


async def test_a_blocked_answer_stops_the_engine_and_is_counted() -> None:
    engine = Replay(
        [read_prompt(12), *said("t", "</think>", "\n\n", "Listen, you", " fool", "!", " More", " more"), end()]
    )
    found = await batches(engine, by_patterns(answer={"abuse": "block", "advertising": "flag"}))
    events = [event for batch in found for event in batch]
    assert text(events) == "Listen, "
    last = finished(events)
    assert (last.reason, last.sensitivity) == ("content_filter", Sensitivity(output=5))
    assert (last.usage.prompt, last.usage.completion >= 5) == (12, True)
    assert found[-1] == [last]
    assert engine.closed_early == 1


async def test_a_prompt_that_the_engine_did_not_count_is_counted() -> None:
    engine = Replay([*said("t", "</think>", "\n\n", "you fool!", " More"), end()])
    events = await heard(engine, by_patterns(answer={"abuse": "block", "advertising": "flag"}))
    assert finished(events).usage.prompt == 77


async def test_other_results_go_on() -> None:
    steps = [*said("t</think>\n\nyou fool!"), *said("t</think>\n\nfine", index=1), *said(" sir", index=1)]
    engine = Replay([*steps, end(), end(index=1)])
    events = await heard(engine, by_patterns(answer={"abuse": "block", "advertising": "flag"}), request(n=2))
    reasons = {event.index: event.reason for event in events if isinstance(event, Finished)}
    assert reasons == {0: "content_filter", 1: "stop"}
    assert text(events) == "fine sir"


async def test_the_endpoint_blocks_a_prompt(endpoint: Endpoint) -> None:
    engine = Replay([*said("hi"), end()])
    asked = request(messages=(Message("system", "Tell"), Message("user", "of gore")))
    async with asking(endpoint, prompt={"violence": "block"}) as judge:
        with pytest.raises(SensitivePrompt, match="violence"):
            await heard(engine, judge, asked)
    assert engine.asked == []
    assert endpoint.asked == [{"model": "omni", "input": ["Tell", "of gore"]}]
    assert endpoint.keys == ["Bearer k3y"]


async def test_what_was_judged_is_not_asked_again(endpoint: Endpoint) -> None:
    async with asking(endpoint, prompt={"violence": "flag"}) as judge:
        for messages in (
            (Message("user", "gore"),),
            (Message("user", "gore"), Message("assistant", "no"), Message("user", "pity")),
        ):
            engine = Replay([*said("t</think>ok"), end()])
            events = await heard(engine, judge, request(messages=messages))
            assert finished(events).sensitivity == Sensitivity(input=6)
    assert [body["input"] for body in endpoint.asked] == [["gore"], ["no", "pity"]]


async def test_long_texts_and_many_go_in_pieces(endpoint: Endpoint) -> None:
    long = "x" * (LONGEST - 2) + "gore" + "y" * LONGEST
    async with asking(endpoint, prompt={"violence": "block"}) as judge:
        messages = (*(Message("user", f"message {i}") for i in range(40)), Message("user", long))
        with pytest.raises(SensitivePrompt):
            await heard(Replay([]), judge, request(messages=messages))
    assert [len(body["input"]) for body in endpoint.asked] == [32, 11]
    pieces = endpoint.inputs[-3:]
    assert pieces[0] + pieces[1][OVERLAP:] + pieces[2][OVERLAP:] == long
    assert max(map(len, pieces)) == LONGEST


async def test_an_answer_is_held_until_the_endpoint_lets_it_pass(endpoint: Endpoint) -> None:
    words = ["t", "</think>", "\n\n", "One two ", "three. ", "Then go", "re!", " More", " more."]
    engine = Replay([read_prompt(), *said(*words), end()])
    async with asking(endpoint, stretch=12, answer={"violence": "block", "abuse": "flag"}) as judge:
        events = await heard(engine, judge)
    assert text(events) == "One two three."
    assert finished(events).reason == "content_filter"
    assert finished(events).sensitivity == Sensitivity(output=6)
    assert finished(events).usage.prompt == 10
    # The second stretch is judged with the end of the first: nothing hides at a border.
    assert endpoint.inputs[1].startswith("t\nOne two three. Then")
    assert engine.closed_early == 1


async def test_a_word_across_two_stretches_is_seen(endpoint: Endpoint) -> None:
    engine = Replay([*said("t", "</think>", "\n\n", "123456 go", "re ahead!!"), end()])
    async with asking(endpoint, stretch=9, answer={"violence": "block"}) as judge:
        events = await heard(engine, judge)
    assert (text(events), finished(events).reason) == ("123456 go", "content_filter")


async def test_calls_and_thoughts_are_judged_in_order(endpoint: Endpoint) -> None:
    call = (
        '<minimax:tool_call>\n<invoke name="f">\n<parameter name="x">slur</parameter>\n</invoke>\n</minimax:tool_call>'
    )
    engine = Replay([*said("think", "\n</think>\n\n", "spam", call), end()])
    async with asking(
        endpoint, stretch=4, answer={"violence": "block", "abuse": "flag", "advertising": "flag"}
    ) as judge:
        events = await heard(engine, judge)
    assert "".join(event.text for event in events if isinstance(event, ReasoningDelta)) == "think"
    assert "".join(event.arguments for event in events if isinstance(event, ToolCallDelta)) == '{"x": "slur"}'
    assert finished(events).sensitivity == Sensitivity(output=3)
    assert finished(events).reason == "tool_calls"


async def test_flags_ask_once_at_the_end_and_hold_nothing(endpoint: Endpoint) -> None:
    engine = Replay([*said("t", "</think>", "\n\n", "a ", "slur", " b"), end()])
    async with asking(endpoint, stretch=1, answer={"abuse": "flag"}) as judge:
        found = await batches(engine, judge)
    assert [text(batch) for batch in found if text(batch)] == ["a", " slur", " b"]
    assert finished([event for batch in found for event in batch]).sensitivity == Sensitivity(output=5)
    assert endpoint.inputs == ["t\na slur b"]


@pytest.mark.parametrize("fault", [500, 401, b"{}", b"not json", b'{"results": []}', "silence"])
async def test_blocking_fails_closed(endpoint: Endpoint, fault: Any) -> None:
    endpoint.fault = fault
    engine = Replay([*said("hi"), end()])
    async with asking(endpoint, timeout_s=0.2, prompt={"violence": "block", "abuse": "flag"}) as judge:
        with pytest.raises(ModerationUnavailable):
            await heard(engine, judge)
    assert engine.asked == []


async def test_flagging_fails_open_and_says_so(endpoint: Endpoint, caplog: pytest.LogCaptureFixture) -> None:
    endpoint.fault = 500
    engine = Replay([*said("t", "</think>", "\n\n", "a slur"), end()])
    with caplog.at_level(logging.WARNING, "maxserve.moderation"):
        async with asking(endpoint, prompt={"abuse": "flag"}, answer={"abuse": "flag"}) as judge:
            events = await heard(engine, judge)
    assert text(events) == "a slur"
    assert finished(events).sensitivity is None
    assert "gave no judgement: status 500" in caplog.text
    assert "slur" not in caplog.text


async def test_a_pattern_that_blocks_does_not_close_what_the_endpoint_only_flags(endpoint: Endpoint) -> None:
    endpoint.fault = 500
    names = Names({"sexual": None, "sexual/minors": None})
    policy = SensitivityPolicy(
        prompt={"severe": "block", "abuse": "flag"}, patterns=("severe=forbidden word",), judged=names.categories
    )
    judge = ModerationGate(policy, ModerationEndpoint(endpoint.url, key=None, model=None, timeout_s=5, names=names))
    engine = Replay([*said("t</think>hello"), end()])
    assert text(await heard(engine, judge)) == "hello"
    await judge.close()
    assert "model" not in endpoint.asked[0]
    assert endpoint.keys == [None]


async def test_an_endpoint_that_dies_in_mid_stream_ends_the_answer(endpoint: Endpoint) -> None:
    engine = Replay([*said("t", "</think>", "\n\n", "harmless ", "and more "), end()])
    shown: list[Event] = []
    async with asking(endpoint, stretch=5, answer={"violence": "block"}) as judge:
        service = Service(Catalogue.load(), engine, judge=judge)
        answer = await service.answer(request())
        failed = False
        try:
            async for batch in answer:
                shown += batch
                if text(shown):
                    endpoint.fault = 503
        except ModerationUnavailable:
            failed = True
        await answer.aclose()
    assert failed
    assert text(shown) == "harmless"
    assert service.admission.inside == 0


async def test_the_endpoint_never_sees_what_is_masked(endpoint: Endpoint) -> None:
    engine = Replay([*said("t", "</think>", "\n\n", "Mail jane", "@example.com", " now"), end()])
    async with asking(endpoint, answer={"violence": "block"}) as judge:
        found = await batches(engine, judge, request(mask=True), Policy())
    assert text([event for batch in found for event in batch]) == "Mail *** now"
    assert endpoint.inputs == ["t\nMail *** now"]


async def test_off_costs_nothing() -> None:
    engine = Replay([read_prompt(), *said("t</think>you fool"), end()])
    service = Service(Catalogue.load(), engine)
    events = [event async for batch in await service.answer(request()) for event in batch]
    assert isinstance(events[0], Started)
    assert finished(events) == Finished(0, "stop", Usage(10, 1, 4, 1))
