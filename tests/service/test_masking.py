"""Masking on the road of a request: who is masked, and what an answer that fails lets go."""

from __future__ import annotations

import asyncio

import pytest

from maxserve.access import MaskingRule
from maxserve.catalogue import Catalogue
from maxserve.chat import EngineCrashed, Event, InternalError, Message, RawRequest, ReasoningDelta, Request, TextDelta
from maxserve.masking import Policy
from maxserve.service import Service

from .replay import Replay, end, request, said

ANSWER = ("ask j@ex", "ample.com", "</think>", "\n\n", "Mail j", "ane@example", ".com", " now")


async def collected(engine: Replay, asked: Request | RawRequest, masking: Policy | None) -> list[Event]:
    service = Service(Catalogue.load(), engine, masking=masking)
    answer = await service.answer(asked)
    found: list[Event] = []
    try:
        async for batch in answer:
            assert batch
            found += batch
    except (EngineCrashed, InternalError) as error:
        found.append(error)  # type: ignore[arg-type]
    finally:
        await answer.aclose()
        assert service.admission.inside == 0
    return found


def shown(found: list[Event]) -> str:
    return "|".join(
        "".join(event.text for event in found if type(event) is kind)  # type: ignore[union-attr]
        for kind in (ReasoningDelta, TextDelta)
    )


@pytest.mark.parametrize(
    ("masking", "mask", "expected"),
    [
        (None, True, "ask j@example.com|Mail jane@example.com now"),
        (Policy(default=False), None, "ask j@example.com|Mail jane@example.com now"),
        (Policy(default=False), True, "ask ***|Mail *** now"),
        (Policy(default=True, style="labels"), None, "ask [EMAIL]|Mail [EMAIL] now"),
        (Policy(default=True), False, "ask j@example.com|Mail jane@example.com now"),
    ],
)
async def test_the_request_says_or_else_the_policy(masking: Policy | None, mask: bool | None, expected: str) -> None:
    engine = Replay([*said(*ANSWER), end()])
    assert shown(await collected(engine, request(mask=mask), masking)) == expected


@pytest.mark.parametrize(
    ("rule", "mask", "usual", "expected"),
    [
        ("always", False, False, True),
        ("on", None, None, True),
        ("on", False, None, False),
        ("on", None, False, True),
        ("off", None, True, False),
        ("off", True, None, True),
        (None, None, True, True),
        (None, None, False, False),
        (None, None, None, True),
    ],
)
async def test_a_key_goes_before_what_its_api_does_and_always_leaves_no_choice(
    rule: MaskingRule | None, mask: bool | None, usual: bool | None, expected: bool
) -> None:
    masking = Policy(default=True, prompt=True, by_key={} if rule is None else {"0123456789ab": rule})
    engine = Replay([*said(*ANSWER), end()])
    said_so = (Message("user", "I am zoe@example.com"),)
    asked = request(messages=said_so, mask=mask, mask_usual=usual, key="0123456789ab")
    found = shown(await collected(engine, asked, masking))
    assert found == ("ask ***|Mail *** now" if expected else "ask j@example.com|Mail jane@example.com now")
    assert ("zoe@example.com" in engine.asked[0].prompt) is not expected
    other = Service(Catalogue.load(), engine, masking=Policy(default=False, by_key={"0123456789ab": "always"}))
    assert other.masks(asked)
    assert not other.masks(request(key="ba9876543210"))


async def test_a_raw_prompt_is_masked_too() -> None:
    asked = RawRequest(model="MiniMax-M2.7", prompts=("x",), mask=True)
    engine = Replay([*said("SSN 123-4", "5-6789."), end()])
    assert shown(await collected(engine, asked, Policy())) == "|SSN ***."


async def test_an_engine_that_ends_takes_what_was_held_with_it() -> None:
    engine = Replay([*said("t", "</think>", "\n\n", "Mail jane", "@example.com"), EngineCrashed("gone")])
    found = await collected(engine, request(mask=True), Policy())
    assert shown(found) == "t|Mail "
    assert isinstance(found[-1], EngineCrashed)


async def test_a_client_that_leaves_gets_nothing_of_what_was_held() -> None:
    engine = Replay([*said("t", "</think>", "\n\n", "Mail jane", "@example.com", " now"), end()])
    service = Service(Catalogue.load(), engine, masking=Policy())
    answer = await service.answer(request(mask=True))
    found: list[Event] = []
    async for batch in answer:
        found += batch
        if shown(found) == "t|Mail ":
            break
    await answer.aclose()
    assert [batch async for batch in answer] == []
    assert engine.closed_early == 1
    assert service.admission.inside == 0


async def test_a_mask_that_fails_ends_the_answer_and_frees_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bool:
        raise ZeroDivisionError

    policy = Policy()
    monkeypatch.setattr(policy.machine, "rules", [rule._replace(check=fail) for rule in policy.machine.rules])
    engine = Replay([*said("t", "</think>", "\n\n", "Mail jane", "@example.com", " now", " and", " more"), end()])
    found = await collected(engine, request(mask=True), policy)
    assert shown(found) == "t|Mail "
    assert isinstance(found[-1], InternalError)
    assert engine.closed_early == 1


async def test_a_long_text_does_not_hold_up_the_others() -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    running = asyncio.create_task(other())
    asked = RawRequest(model="MiniMax-M2.7", prompts=("Mail jane@example.com. " * 4000,), echo=True, mask=True)
    found = await collected(Replay([*said("x"), end()]), asked, Policy())
    running.cancel()
    assert shown(found) == "|" + "Mail ***. " * 4000 + "x"
    assert turns > 92_000 / 8192
