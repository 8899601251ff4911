"""What a textInference may say (docs/wire/runware.md §3), and what it means in the common language."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from maxserve.apis.runware import InvalidTask, TaskLimits, read_array, read_text
from maxserve.chat import (
    SEEDS,
    JsonObject,
    JsonSchema,
    Message,
    Request,
    Sampling,
    TextFormat,
    Tool,
    ToolCall,
    ToolChoice,
)

from .tasks import CATALOGUE, ID, LIMITS, asked, body, read

TOOL = {"type": "function", "name": "dice", "description": "Throw dice", "schema": {"type": "object"}}
SCHEMA = {"type": "object", "properties": {"prime": {"type": "integer"}}}


def test_the_first_example() -> None:
    settings = {"systemPrompt": "Answer briefly.", "temperature": 0.7, "topP": 0.95, "maxTokens": 2048}
    task = asked(settings=settings, includeCost=True, includeUsage=True, seed=7)
    assert (task.uuid, task.id, task.model.name) == (ID, ID, "MiniMax-M2.7")
    assert (task.delivery, task.stream, task.webhook) == ("sync", False, None)
    assert (task.include_cost, task.include_usage, task.seeds) == (True, True, (7,))
    assert task.request == Request(
        model="minimax:m2.7@0",
        messages=(Message("system", "Answer briefly."), Message("user", "Name one prime above 100.")),
        tool_choice=ToolChoice("none"),
        sampling=Sampling(temperature=0.7, top_p=0.95, seed=7),
        max_tokens=2048,
    )


def test_what_holds_while_nothing_is_said() -> None:
    task = asked()
    assert (task.delivery, task.include_cost, task.include_usage) == ("sync", False, False)
    assert task.request.max_tokens == 32768
    assert (task.request.sampling.temperature, task.request.sampling.top_p) == (None, None)
    assert task.request.response_format == TextFormat()
    assert asked(model="demo-m2").request.max_tokens == 4096  # a small model cannot write so much


def test_a_drawn_seed_is_told_and_can_be_asked_for() -> None:
    first, second = asked(), asked()
    assert first.seeds != second.seeds
    assert first.request.sampling.seed == first.seeds[0]
    assert asked(seed=first.seeds[0]).seeds == first.seeds
    assert all(0 <= seed <= 4294967295 for task in (first, second) for seed in task.seeds)


@pytest.mark.parametrize(
    ("seed", "seeds"),
    [
        (0, (0, 1, 2, 3)),
        (4294967295, (4294967295, 2, 3, 4)),
        (SEEDS - 2, (SEEDS - 2, SEEDS - 1, 0, 1)),
    ],
)
def test_results_have_seeds_in_a_row(seed: int, seeds: tuple[int, ...]) -> None:
    task = asked(numberResults=4, seed=seed)
    assert (task.request.n, task.seeds) == (4, seeds)
    # The engines draw result i with what the seed and i come to; each told seed alone comes to the same.
    assert [(seed % SEEDS + i) % SEEDS for i in range(4)] == [each % SEEDS for each in seeds]


@pytest.mark.parametrize("name", ["minimax:m2.7@0", "minimax-m2-7", "MiniMax-M2.7", "minimax/m2.7", "MINIMAX:M2.7@0"])
def test_a_model_by_any_of_its_names(name: str) -> None:
    assert asked(model=name).model.name == "MiniMax-M2.7"


def test_every_sampling_setting() -> None:
    settings = {
        "topK": 20,
        "minP": 0.05,
        "presencePenalty": -2,
        "frequencyPenalty": 1.5,
        "repetitionPenalty": 1.1,
        "stopSequences": ["END", "\n\n"],
        "cache": {"scope": "system+history", "ttl": "1h"},
    }
    task = asked(settings=settings, seed=1)
    assert task.request.sampling == Sampling(None, None, 20, 0.05, 1, 1.5, -2.0, 1.1)
    assert task.request.stop == ("END", "\n\n")


def test_the_flat_form_means_the_same() -> None:
    fields: dict[str, Any] = {
        "systemPrompt": "Answer briefly.",
        "temperature": 0.7,
        "topP": 0.9,
        "topK": 5,
        "maxTokens": 100,
        "stopSequences": ["END"],
    }
    flat, nested = asked(seed=1, **fields), asked(seed=1, settings=fields)
    assert flat.request == nested.request
    both = asked(seed=1, settings=fields, maxTokens=100)
    assert both.request == nested.request


def test_what_routes_or_labels_a_task_is_taken() -> None:
    assert [asked(**said).request.mask for said in ({}, {"maskSensitiveInfo": False})] == [None, False]
    task = asked(providerSettings={"minimax": {}}, routing={"strategy": "x"}, inputs={}, settings=None, tools=None)
    assert task.request.tools == ()


@pytest.mark.parametrize(
    ("settings", "thinking"),
    [
        ({}, None),
        ({"thinkingLevel": "none"}, "disabled"),
        ({"thinkingLevel": "off"}, "disabled"),
        ({"thinkingLevel": "low"}, "enabled"),
        ({"thinkingLevel": "max"}, "enabled"),
        ({"thinkingLevel": "adaptive"}, "adaptive"),
        ({"thinking": True}, "enabled"),
        ({"thinking": False}, "disabled"),
        ({"thinking": "adaptive"}, "adaptive"),
        ({"thinkingMode": "disabled", "thinking": False}, "disabled"),
        ({"thinkingMode": "adaptive", "thinkingLevel": "high"}, "enabled"),
    ],
)
def test_thinking(settings: dict[str, Any], thinking: str | None) -> None:
    assert asked(settings=settings).request.thinking == thinking


@pytest.mark.parametrize(
    ("reasoning", "model", "split", "inline"),
    [
        ("model", "minimax:m2.7@0", None, True),
        ("model", "minimax:m3@0", None, False),
        ("field", "minimax:m2.7@0", None, False),
        ("inline", "minimax:m3@0", None, True),
        ("inline", "minimax:m3@0", True, False),
        ("field", "minimax:m2.7@0", False, True),
    ],
)
def test_where_thoughts_go(reasoning: Any, model: str, split: bool | None, inline: bool) -> None:
    limits = TaskLimits(catalogue=CATALOGUE, reasoning=reasoning)
    assert asked(limits, model=model, settings={"splitThinking": split}).inline is inline


def test_a_thought_does_not_go_into_json_unasked() -> None:
    assert asked().inline
    assert not asked(outputFormat="JSON").inline
    assert asked(outputFormat="JSON", settings={"splitThinking": False}).inline


def test_tools_and_their_conversation() -> None:
    messages = [
        {"role": "user", "content": "Throw two dice."},
        {"role": "assistant", "tools": [{"id": "call_1", "name": "dice", "input": {"n": 2}}, {"id": "b", "name": "x"}]},
        {"role": "tool", "id": "call_1", "content": ""},
        {"role": "tool", "id": "b", "content": "7"},
    ]
    task = asked(messages=messages, tools=[TOOL, {"name": "x"}], toolChoice={"type": "any"})
    assert task.request.messages == (
        Message("user", "Throw two dice."),
        Message("assistant", "", tool_calls=(ToolCall("call_1", "dice", '{"n":2}'), ToolCall("b", "x", "{}"))),
        Message("tool", "", tool_call_id="call_1"),
        Message("tool", "7", tool_call_id="b"),
    )
    assert task.request.tools == (Tool("dice", "Throw dice", {"type": "object"}), Tool("x"))
    assert task.request.tool_choice == ToolChoice("required")


@pytest.mark.parametrize(
    ("choice", "meant"),
    [
        (None, ToolChoice("auto")),
        ({"type": "auto"}, ToolChoice("auto")),
        ({"type": "none"}, ToolChoice("none")),
        ({"type": "tool", "name": "dice"}, ToolChoice("named", "dice")),
    ],
)
def test_tool_choice(choice: Any, meant: ToolChoice) -> None:
    assert asked(tools=[TOOL], toolChoice=choice).request.tool_choice == meant
    older = asked(settings={"tools": [TOOL], "toolChoice": choice})
    assert (older.request.tools[0].name, older.request.tool_choice) == ("dice", meant)


def test_tools_of_the_task_win_over_those_of_its_settings() -> None:
    task = asked(tools=[TOOL], settings={"tools": [{"name": "older"}]})
    assert [tool.name for tool in task.request.tools] == ["dice"]


@pytest.mark.parametrize(
    ("fields", "meant"),
    [
        ({"outputFormat": "TEXT"}, TextFormat()),
        ({"outputFormat": "JSON"}, JsonObject()),
        ({"outputFormat": "JSON", "jsonSchema": SCHEMA}, JsonSchema("answer", SCHEMA)),
        ({"jsonSchema": SCHEMA}, JsonSchema("answer", SCHEMA)),
    ],
)
def test_output_formats(fields: dict[str, Any], meant: Any) -> None:
    assert asked(**fields).request.response_format == meant


def test_ids_are_kept_in_small_letters_and_told_as_they_came() -> None:
    task = asked(taskUUID=ID.upper())
    assert (task.uuid, task.id) == (ID.upper(), ID)


def test_the_key_goes_with_the_request() -> None:
    (task,) = read_array(json.dumps([body()]).encode(), LIMITS, "abcdefabcdef")
    assert not isinstance(task, InvalidTask)
    assert msgspec.structs.asdict(task)["request"].key == "abcdefabcdef"


def test_a_task_that_was_kept_is_read_again() -> None:
    task = asked(seed=5, deliveryMethod="async", webhookURL="https://example.com/hook?token=s", numberResults=2)
    assert read_text(task.raw, LIMITS) == task
    assert json.loads(task.raw) == body(
        seed=5, deliveryMethod="async", webhookURL="https://example.com/hook?token=s", numberResults=2
    )


def test_no_order_of_keys_matters() -> None:
    task = body(settings={"topP": 0.5, "maxTokens": 9}, seed=3)
    turned = dict(reversed(task.items()))
    (first,), (second,) = read(task), read(turned)
    assert first.request == second.request
