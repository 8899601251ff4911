"""The evaluation marks every right answer as right, and reads both families' raw output."""

import json
from itertools import islice
from typing import Any

import pytest

from training.evaluate import offered
from training.generator import Example, examples
from training.suite.backend import Answer
from training.suite.mark import holds, right, same
from training.suite.prompt import calls, split, template
from training.suite.questions import SECTIONS, questions


def perfect(family: str, example: Example) -> Answer:
    """Read the target turn back out of the rendered conversation."""
    rendering = template(family)
    values: dict[str, Any] = {"tools": example.tools, "thinking_mode": example.thinking_mode}
    prompt = rendering.render(messages=example.messages[:-1], add_generation_prompt=True, **values)
    raw = rendering.render(messages=example.messages, **values)[len(prompt) :].removesuffix("[e~[\n")
    thought, rest = split(family, example.thinking_mode, raw)
    content, made = calls(family, rest, example.tools)
    return Answer(thought, content, made, True)


@pytest.mark.parametrize("family", ["m2", "m3"])
def test_the_target_itself_is_always_marked_right(family: str) -> None:
    for example in islice(examples(3, family), 3000):
        answer = perfect(family, example)
        assert right(example.check, answer), (example, answer)
        assert answer.thought == example.messages[-1].get("reasoning_content", "")


def test_wrong_answers_are_marked_wrong() -> None:
    answer = Answer("", "The capital of Norway is Oslo.", [], True)
    assert right({"contains": ["Oslo"]}, answer)
    assert not right({"contains": ["Lima"]}, answer)
    assert not right({"contains": ["Oslo"]}, Answer("", answer.content, [], False))
    assert not right({"number": 42}, Answer("", "20 + 21 = 41", [], True))
    assert right({"number": -7}, Answer("", "3 - 10 = -7", [], True))
    assert not same(True, 1)
    assert same({"a": [1, 2.0]}, {"a": [1, 2]})
    assert not holds("parking", "park", False)


@pytest.mark.parametrize(
    ("name", "arguments", "good"),
    [
        ("lamp", {"state": "on"}, True),
        ("lamp", {"state": "dim"}, False),
        ("lamp", {"power": "on"}, False),
        ("light", {"state": "on"}, False),
    ],
)
def test_calls_are_held_to_what_is_on_offer(name: str, arguments: dict[str, str], good: bool) -> None:
    state = {"type": "string", "enum": ["on", "off"]}
    tool = {
        "type": "function",
        "function": {"name": "lamp", "parameters": {"type": "object", "properties": {"state": state}}},
    }
    assert offered(Example("tool_call", [], [tool], None), Answer("", "", [(name, arguments)], True)) is good


@pytest.mark.parametrize("family", ["m2", "m3"])
def test_every_section_has_different_questions_and_the_same_each_time(family: str) -> None:
    for section in SECTIONS:
        asked = questions(section, family, 1, 12)
        assert 8 <= len(asked) <= 12
        assert asked == questions(section, family, 1, 12)
        assert len({json.dumps([e.thinking_mode, e.messages[:-1], e.tools]) for e in asked}) == len(asked)
