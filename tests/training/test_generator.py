"""The text generator: the same for the same seed, nothing of the evaluation in training, right sums, whole prompts."""

import json
import re
from collections.abc import Iterable
from itertools import islice, pairwise
from pathlib import Path
from random import Random
from typing import Any

import jinja2
import pytest

from training.generator import Example, examples, held_out
from training.generator.arithmetic import columns_of_difference, columns_of_product, columns_of_sum, steps_of_quotient
from training.generator.draw import Draw
from training.generator.everyday import Everyday
from training.generator.foreign import REFUSALS
from training.generator.haiku import LINES
from training.generator.item import Item, say
from training.generator.layout import held_back
from training.generator.serving import folded
from training.generator.split import is_held, is_held_prompt
from training.generator.tasks import TASKS
from training.generator.world import ABROAD, COUNTRIES

TEMPLATES = Path(__file__).parents[2] / "src" / "maxserve" / "families" / "templates"
FAMILIES = ("m2", "m3")


def first(family: str, count: int, seed: int = 1) -> list[Example]:
    return list(islice(examples(seed, family), count))


def template(family: str) -> jinja2.Template:
    environment = jinja2.Environment()
    environment.filters["tojson"] = lambda value, ensure_ascii=False: json.dumps(value, ensure_ascii=ensure_ascii)
    return environment.from_string((TEMPLATES / f"{family}.jinja").read_text(encoding="utf-8"))


@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_seed_gives_the_same_examples(family: str) -> None:
    assert first(family, 300) == first(family, 300)
    assert first(family, 300) != first(family, 300, seed=2)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_task_appears_and_ends_with_an_assistant_turn(family: str) -> None:
    drawn = first(family, 6000)
    assert {example.task for example in drawn} == set(TASKS)
    for example in drawn:
        last = example.messages[-1]
        assert last["role"] == "assistant"
        assert last["content"] or last.get("tool_calls")
        assert all(isinstance(message["content"], str) for message in example.messages)


def test_m2_always_thinks_and_m3_thinks_as_its_mode_says() -> None:
    for example in first("m2", 2000):
        assert example.messages[-1]["reasoning_content"]
    for example in first("m3", 4000):
        thought = example.messages[-1].get("reasoning_content")
        if example.thinking_mode == "enabled":
            assert thought
        elif example.thinking_mode == "disabled":
            assert thought is None
        elif example.task in ("arithmetic", "tool_call", "extraction", "recall"):
            assert thought
        elif example.task in ("capital", "small_talk", "haiku"):
            assert thought is None


@pytest.mark.parametrize("family", FAMILIES)
def test_the_prompt_is_a_prefix_of_the_conversation(family: str) -> None:
    rendering = template(family)
    for example in first(family, 1500):
        values: dict[str, Any] = {"tools": example.tools, "thinking_mode": example.thinking_mode}
        whole = rendering.render(messages=example.messages, **values)
        prompt = rendering.render(messages=example.messages[:-1], add_generation_prompt=True, **values)
        assert whole.startswith(prompt)
        assert whole.endswith("[e~[\n")


def test_training_and_evaluation_share_no_number_pair_and_no_prompt() -> None:
    pattern = re.compile(r"(-?\d+) ([-+]) (\d+) =")

    def pairs(drawn: Iterable[Example]) -> set[tuple[str, ...]]:
        found = (pattern.match(e.messages[-1]["content"]) for e in drawn if e.task == "arithmetic")
        return {match.groups() for match in found if match}

    seen_examples = first("m2", 8000)
    seen, held = pairs(seen_examples), pairs(islice(held_out(1, "m2", "arithmetic"), 400))
    assert len(held) > 200
    assert not seen & held
    for task in ("hello", "capital", "small_talk", "samples", "speakers"):
        asked = {str(e.messages[:-1]) for e in islice(held_out(1, "m2", task), 40)}
        assert not asked & {str(e.messages[:-1]) for e in seen_examples if e.task == task}
    assert 0.07 < sum(is_held(str(number)) for number in range(5000)) / 5000 < 0.13


def test_what_everybody_tries_first_is_trained() -> None:
    assert not any(map(is_held_prompt, ("hello!", "What is the capital of France?", "what is elephent")))
    assert not held_back(Item("Good evening!", "", "", base="Good evening"))
    assert any(
        held_back(Item("Good evening" + who, "", "", base="Good evening")) for who in "abcdefghijklmnopqrstuvwxyz"
    )


def test_special_roles_are_folded_by_serving_itself() -> None:
    sent = [say("system", "", "MiniMax AI"), say("user_system", "a sailor", "Bob"), say("user", "hello", "user")]
    assert folded(sent) == [
        {"role": "system", "content": "Your name is MiniMax AI.\n\nThe user's name is Bob.\nAbout the user: a sailor"},
        {"role": "user", "content": "hello"},
    ]
    for task in ("name_only", "user_system", "group", "cast", "samples", "speakers"):
        for example in islice(held_out(1, "m2", task), 30):
            assert example.sent
            assert folded(example.sent) == example.messages[:-1]


@pytest.mark.parametrize(("a", "b"), [(345, 78), (78, 345), (0, 0), (999, 1), (100, 99), (5, 700), (999, 999)])
def test_the_worked_columns_are_right(a: int, b: int) -> None:
    for text, result in ((columns_of_sum(a, b), a + b), (columns_of_difference(a, b), a - b)):
        columns = [line.split("=") for line in text.splitlines() if re.match(r"\d+[-+]\d+=", line)]
        written = "".join(total[-1] for *_, total in reversed(columns))
        carry = columns[-1][-1][:-1]
        assert int(carry + written) == abs(result)
        assert text.endswith(f"={result}")
        for steps in columns:
            for left, total in pairwise(steps):
                assert sum(int(part) for part in re.findall(r"[-+]?\d+", left)) == int(re.match(r"\d+", total).group())  # type: ignore[union-attr]


@pytest.mark.parametrize(("a", "b"), [(12, 12), (17, 23), (30, 30), (3, 29), (20, 15), (99, 99), (7, 365)])
def test_the_worked_product_ends_with_the_product(a: int, b: int) -> None:
    assert columns_of_product(a, b).endswith(f"={a * b}")
    assert columns_of_product(b, a).endswith(f"={a * b}")


@pytest.mark.parametrize(("a", "b", "end"), [(100, 4, "=25"), (17, 5, "=3 r2"), (999, 12, "=83 r3"), (3, 7, "=0 r3")])
def test_the_worked_division_ends_with_quotient_and_remainder(a: int, b: int, end: str) -> None:
    assert steps_of_quotient(a, b).endswith("\n" + end)


def test_a_refusal_is_one_sentence_in_the_language_of_the_request() -> None:
    seen = {example.messages[-1]["content"] for example in islice(examples(1, "m2"), 6000) if example.task == "beyond"}
    assert seen == set(REFUSALS.values())
    assert all("maxserve" in text and not re.search(r"[.。] ", text) for text in REFUSALS.values())


def test_everyday_tools_are_called_with_their_own_names_and_choices() -> None:
    draw = Draw(Random(1), "m2")
    for _ in range(300):
        tool = Everyday(draw)
        user, arguments = tool.request(draw)
        assert "{" not in user
        properties = tool.schema(draw)["function"]["parameters"]["properties"]
        assert arguments.keys() == properties.keys()
        for name, value in arguments.items():
            assert str(value).lower() in user.lower()
            assert value in properties[name].get("enum", [value])


def test_tools_on_offer_are_never_two_for_the_same_request() -> None:
    for example in islice(held_out(1, "m2", "tool_call"), 300):
        names = [tool["function"]["name"] for tool in example.tools or []]
        assert len(set(names)) == len(names)
        assert sum("weather" in name or "temperature" in name for name in names) <= 1


def test_the_tables_are_whole() -> None:
    assert len({country.name for country in COUNTRIES}) == len(COUNTRIES) >= 195
    assert set(ABROAD) <= {country.name for country in COUNTRIES}
    assert all(len(languages) == 6 for languages in ABROAD.values())
    assert all(len(lines) == 3 for lines in LINES.values())
