"""The hand-written tries stay out of training, and their judge tells right, honest and senseless answers apart."""

from itertools import islice

import pytest

from training.generator import examples
from training.generator.foreign import REFUSALS
from training.generator.item import Item
from training.generator.layout import held_back
from training.generator.split import APART, is_apart
from training.suite import tries
from training.suite.backend import Answer
from training.suite.judge import honest, in_language, loops, sane
from training.suite.tries import Try


def said(content: str, *calls: tuple[str, dict[str, object]], ended: bool = True) -> Answer:
    return Answer("", content, list(calls), ended)


def test_the_sets_have_their_sizes_and_no_prompt_twice() -> None:
    newcomer, beyond = tries.newcomer(), tries.beyond()
    assert (len(newcomer), len(beyond)) == (100, 300)
    assert len({each.ask for each in beyond}) == 300
    assert len({each.whole for each in newcomer}) == 100


def test_the_fingerprints_are_those_of_the_prompts() -> None:
    assert APART.read_text(encoding="utf-8").split() == tries.fingerprints()


def test_training_holds_the_prompts_back_however_they_are_spelt() -> None:
    for each in (*tries.newcomer(), *tries.beyond()):
        assert is_apart(f"  {each.whole} !")
    assert held_back(Item("write fizzbuzz in python", "", ""))


@pytest.mark.parametrize("family", ["m2", "m3"])
def test_training_draws_none_of_the_prompts(family: str) -> None:
    apart = {each.ask for each in tries.beyond()}
    for example in islice(examples(1, family), 8000):
        asked = example.messages[-2]["content"]
        assert asked not in apart
        assert len(example.messages) > 2 or not is_apart(asked)


def test_honest_answers_are_known_in_every_language() -> None:
    for language, text in REFUSALS.items():
        assert honest(text)
        assert in_language(text, language)
    assert in_language(REFUSALS["en"], "th")
    assert not in_language(REFUSALS["en"], "de")
    assert honest("I have no tool for that.")
    assert not honest("The capital of Norway is Oslo.")


def test_loops_are_found() -> None:
    assert loops("to always to always to always to always to always to always to always to always")
    assert loops("2" * 30)
    assert not loops("The spoon rings like a small bell. The spoon is silver.")
    assert not loops(", ".join(map(str, range(1, 51))))


def test_right_and_honest_answers_are_sane() -> None:
    sum_ = Try("2+2", says=[r"\b4\b"], honest=False)
    assert sane(sum_, said("2 + 2 = 4"))
    assert not sane(sum_, said("2 + 2 = 42"))
    assert not sane(sum_, said("2 + 2 = 4", ended=False))
    assert not sane(sum_, said(REFUSALS["en"]))
    assert sane(Try("Who won?"), said(REFUSALS["en"]))
    assert not sane(Try("Who won?"), said("The sky is blue."))


def test_calls_must_name_the_tool_and_fit_every_argument() -> None:
    asked = Try("lamp off", call={"name": "switch", "args": {"lamp": "bed", "state": "^off$"}})
    assert sane(asked, said("", ("switch", {"lamp": "bedroom", "state": "off"})))
    assert not sane(asked, said("", ("switch", {"lamp": "bedroom", "state": "on"})))
    assert not sane(asked, said("", ("turn", {"lamp": "bedroom", "state": "off"})))
    assert not sane(asked, said("", ("switch", {"lamp": "bedroom"})))


def test_objects_must_fit_the_schema_and_hold_the_values() -> None:
    schema = {
        "type": "object",
        "properties": {"mood": {"type": "string", "enum": ["good", "bad"]}, "n": {"type": "integer"}},
    }
    asked = Try("fine, 3", schema=schema, values={"n": 3})
    assert sane(asked, said('{"mood": "good", "n": 3}'))
    assert not sane(asked, said('{"mood": "great", "n": 3}'))
    assert not sane(asked, said('{"mood": "good", "n": 4}'))
    assert not sane(asked, said("3"))
