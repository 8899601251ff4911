"""Result items, what stands for them, and the frames they come in (docs/wire/runware.md §4, §5, §10)."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maxserve.apis.runware import (
    TaskLimits,
    TextInference,
    acknowledgement,
    authenticated,
    cost_of,
    details,
    dry_items,
    frame,
    items,
    pong,
    processing,
    with_status,
)
from maxserve.apis.runware.cost import PICO, decimal, pico, shares
from maxserve.catalogue import Price
from maxserve.chat import CompletedToolCall, Completion, CompletionChoice, Usage

from .tasks import CATALOGUE, ID, asked

HEAD = b'{"taskType":"textInference","taskUUID":"' + ID.encode() + b'"'
FIELD = TaskLimits(catalogue=CATALOGUE, reasoning="field")
COUNTED = Usage(14, 9)


def result(text: str, usage: Usage = COUNTED, index: int = 0, **more: object) -> CompletionChoice:
    plain = CompletionChoice(index, "", text, [], None, "stop", None, usage)
    return msgspec.structs.replace(plain, **more)


def completion(*results: CompletionChoice) -> Completion:
    return Completion(list(results), Usage.of_answer(each.usage for each in results), "demo")


def test_the_first_example() -> None:
    """docs/wire/runware.md §10.1, and the seed behind it."""
    task = asked(seed=7, includeCost=True, includeUsage=True)
    assert items(task, completion(result("101 is prime."))) == (
        HEAD + b',"text":"101 is prime.","finishReason":"stop","usage":{"promptTokens":14,"completionTokens":9,'
        b'"totalTokens":23},"cost":0.000015,"seed":7}',
    )


def test_two_results() -> None:
    """docs/wire/runware.md §10.2, with what tells them apart: seeds, and an id for a client that would go by their
    texts.
    """
    task = asked(seed=7, includeCost=True, numberResults=2)
    answer = completion(result("Teal.", Usage(14, 4)), result("Teal.", Usage(14, 4), 1))
    first, second = items(task, answer)
    start = HEAD + b',"text":"Teal.","finishReason":"stop","cost":0.0000069,"seed":'
    assert first.startswith(start + b'7,"resultIndex":0,"mediaUUID":"')
    assert second.startswith(start + b'8,"resultIndex":1,"mediaUUID":"')
    ids = {json.loads(item)["mediaUUID"] for item in (first, second)}
    assert len(ids) == 2
    assert items(task, answer) == (first, second)


def test_only_what_was_asked_for() -> None:
    (item,) = items(asked(seed=7), completion(result("Hi.")))
    assert item == HEAD + b',"text":"Hi.","finishReason":"stop","seed":7}'


def test_text_is_always_there() -> None:
    (item,) = items(asked(seed=7), completion(result("", reason="length")))
    read = json.loads(item)
    assert (read["text"], read["finishReason"]) == ("", "length")
    assert read["mediaUUID"]


def test_a_thought_in_its_field_and_in_the_text() -> None:
    answer = completion(result("101.", Usage(14, 9, 0, 5), reasoning="Next after 100 is 101."))
    (own,) = items(asked(FIELD, includeUsage=True), answer)
    assert json.loads(own)["text"] == "101."
    assert json.loads(own)["reasoningContent"] == "Next after 100 is 101."
    assert json.loads(own)["usage"]["thinkingTokens"] == 5
    (inline,) = items(asked(), answer)
    assert json.loads(inline)["text"] == "<think>\nNext after 100 is 101.\n</think>\n\n101."
    assert "reasoningContent" not in json.loads(inline)


def test_calls_go_back_as_they_came() -> None:
    calls = [
        CompletedToolCall("call_1", "dice", '{"n": 2,\n "sides": 1.50}'),
        CompletedToolCall("call_2", "dice", '{"n": '),
    ]
    (item,) = items(asked(), completion(result("", calls=calls, reason="tool_calls")))
    assert b'"tools":[{"id":"call_1","name":"dice","input":{"n":2,"sides":1.50}},' in item
    read = json.loads(item)
    assert read["finishReason"] == "tool_calls"
    assert read["tools"][1]["input"] == '{"n": '  # cut short by a limit: no JSON
    again = asked(
        messages=[
            {"role": "user", "content": "Throw."},
            {"role": "assistant", "content": read["text"], "tools": read["tools"][:1]},
            {"role": "tool", "id": "call_1", "content": "7"},
        ]
    )
    assert again.request.messages[1].tool_calls[0].arguments == '{"n":2,"sides":1.5}'


def test_a_poll_s_items() -> None:
    task = asked(seed=7)
    (item,) = items(task, completion(result("Hi.")))
    assert with_status(item) == HEAD + b',"status":"success","text":"Hi.","finishReason":"stop","seed":7}'
    assert processing(ID) == HEAD + b',"status":"processing"}'
    assert processing(ID, 40) == HEAD + b',"status":"processing","progress":40}'
    assert acknowledgement(ID) == HEAD + b"}"


def test_frames() -> None:
    assert frame([b"1", b"2"]) == b'{"data":[1,2]}'
    assert frame([], [b"3"]) == b'{"errors":[3]}'
    assert frame([b"1"], [b"3"]) == b'{"data":[1],"errors":[3]}'
    assert frame() == b'{"data":[]}'
    assert pong() == b'{"data":[{"taskType":"ping","pong":true}]}'
    assert frame([authenticated("9a6f")]) == (
        b'{"data":[{"taskType":"authentication","connectionSessionUUID":"9a6f"}]}'
    )


def test_details() -> None:
    task = asked(seed=7)
    read = json.loads(details(ID, [task.raw], [b'{"text":"Hi."}'], []))
    assert read["request"][0]["messages"][0]["role"] == "user"
    assert read == {
        "taskType": "getTaskDetails",
        "taskUUID": ID,
        "request": [json.loads(task.raw)],
        "response": {"data": [{"text": "Hi."}]},
    }


def test_a_dry_run_is_priced_at_its_longest() -> None:
    task = asked(numberResults=2, settings={"maxTokens": 100})
    first, second = (json.loads(item) for item in dry_items(task, 14, 100))
    assert (first["text"], first["dryRun"], first["status"]) == ("", True, "success")
    assert first["usage"] == {"promptTokens": 14, "completionTokens": 100, "totalTokens": 114}
    assert (first["resultIndex"], second["resultIndex"]) == (0, 1)
    assert first["cost"] + second["cost"] == pytest.approx((14 * 0.3 + 200 * 1.2) / 1e6)


@pytest.mark.parametrize(
    ("picodollars", "written"),
    [
        (0, b"0.0"),
        (15_000_000, b"0.000015"),
        (8_400_000, b"0.0000084"),
        (1, b"0.000000000001"),
        (2 * PICO, b"2.0"),
        (12 * PICO + PICO // 2, b"12.5"),
    ],
)
def test_amounts_are_plain_decimals(picodollars: int, written: bytes) -> None:
    assert decimal(picodollars) == written
    assert float(written) == picodollars / PICO


_counts = st.integers(0, 600_000)


@given(
    st.sampled_from([model.price for model in CATALOGUE.models]),
    _counts,
    _counts,
    st.lists(_counts, min_size=1, max_size=4),
)
def test_costs_of_results_add_up_to_the_answer_s(
    price: Price, prompt: int, cached: int, completions: list[int]
) -> None:
    usages = [Usage(prompt, completion, min(cached, prompt)) for completion in completions]
    whole = Usage.of_answer(usages)
    costs = shares(price, whole, usages)
    assert sum(costs) == pico(price.cost(whole))
    assert all(cost >= 0 for cost in costs)
    alike = [cost for cost, completion in zip(costs, completions, strict=True) if completion == completions[0]]
    assert max(alike) - min(alike) < 10  # what does not part evenly, in millionths of a millionth of a dollar


def test_the_answer_s_price_is_the_catalogue_s() -> None:
    task: TextInference = asked(numberResults=2)
    answer = completion(result("a", Usage(100, 10, 40)), result("b", Usage(100, 20, 40), 1))
    assert cost_of(task.model, answer) == pytest.approx((60 * 0.3 + 40 * 0.06 + 30 * 1.2) / 1e6)
