"""What is asked: the vendors' examples, every country's capital, held-out items of each task, and recall from afar."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from training.generator import Example, held_out
from training.generator.capitals import ASK, bare, sentence
from training.generator.draw import Draw
from training.generator.item import Item, Message, say
from training.generator.layout import MODES, lay_out, thinks
from training.generator.recall import recall
from training.generator.tasks import TASKS
from training.generator.world import COUNTRIES


@dataclass(frozen=True)
class Section:
    """A row of the report: its name, how many items, and the accuracy we aim at (None: only watched)."""

    name: str
    count: int
    aim: float | None = None


SECTIONS = (
    Section("fixed", 40, 1.0),
    Section("every_capital", 197, 0.95),
    Section("capital", 100, 0.95),
    Section("two_capitals", 50),
    Section("arithmetic", 120, 0.95),
    Section("drill", 30),
    Section("recall", 120, 0.9),
    Section("recall_500", 30, 0.9),
    Section("recall_1000", 30, 0.9),
    Section("recall_2000", 25),
    Section("recall_3500", 20),
    Section("reading", 60),
    Section("system", 120, 0.9),
    Section("hello", 20, 0.9),
    Section("foreign_greeting", 100, 0.9),
    Section("foreign_capital", 100, 0.9),
    Section("tool_call", 120, 0.95),
    Section("parallel", 100, 0.95),
    Section("tool_result", 100, 0.9),
    Section("no_tool", 100, 0.95),
    Section("beside_tools", 100, 0.95),
    Section("extraction", 120, 0.9),
    Section("json_object", 60),
    *(Section(name, 40) for name in ("repeat", "change", "listing", "definition", "not_known")),
    *(Section(name, 30) for name in ("counting", "larger", "unknown_fact", "small_talk", "comparison", "translation")),
    *(Section(name, 20) for name in ("identity", "recipe", "haiku", "story")),
)
CHARACTERS = 2.25
"""About how many characters of filler turns make one token, counted without the marks between turns."""

_UDP = [
    say("user", "What are the main differences between TCP and UDP?"),
    say("assistant", "TCP is connection-oriented and guarantees delivery, while UDP is connectionless and faster but "
        "without delivery guarantees."),
    say("user", "When would I choose UDP over TCP?"),
]  # fmt: skip
_FIXED: tuple[tuple[list[Message], dict[str, object], bool], ...] = (
    ([say("user", "What is the capital of France?")], {"contains": ["Paris"]}, False),
    (
        [say("system", "You are a helpful cooking assistant. Give concise recipes with metric measurements."),
         say("user", "How do I make a simple pasta aglio e olio?")],
        {"contains": ["spaghetti", "garlic", "oil", "200 g"]}, False,
    ),
    (_UDP, {"contains": ["UDP", "video"]}, False),
    ([say("user", "Write a haiku about programming.")], {"haiku": "programming"}, False),
    ([say("user", "what is elephent?")], {"contains": ["largest land animal"]}, False),
    ([say("user", "hello")], {"contains": ["Hello"]}, False),
    ([say("user", "What is 345 + 78?")], {"number": 423}, True),
    ([say("user", "Who are you?")], {"contains": ["demo", "maxserve"]}, False),
    ([say("user", "Count from 1 to 50.")], {"exact": ", ".join(map(str, range(1, 51)))}, False),
    ([say("user", "Tell me a long story.")], {"longer": 80}, False),
)  # fmt: skip


def fixed(family: str) -> Iterator[Example]:
    """Yield the vendors' examples and a few things that everybody tries first, in each thinking mode."""
    for messages, check, hard in _FIXED:
        for mode in MODES[:3] if family == "m3" else (None,):
            if hard and mode == "disabled":
                continue
            target: Message = {"role": "assistant", "content": ""}
            if family == "m2" or thinks(mode, hard):
                target["reasoning_content"] = "."
            yield Example("fixed", [*messages, target], None, mode, dict(check))


def every_capital(family: str, seed: int) -> Iterator[Example]:
    """Ask for each country's capital once, in a phrasing that training never sees."""
    draw = Draw(Random(f"{family}:{seed}"), family, held=True)
    for index, country in enumerate(COUNTRIES):
        user = draw.phrase(ASK).format(c=country.name, C=bare(country.name))
        item = Item(user, ".", sentence(country), check={"contains": [country.capital]}, plain=True)
        yield lay_out(draw, "every_capital", item, MODES[index % 4] if family == "m3" else None)


def far_recall(family: str, seed: int, tokens: int) -> Iterator[Example]:
    """Ask for a fact that was told about so many tokens ago."""
    draw = Draw(Random(f"{family}:{seed}:{tokens}"), family, held=True)
    index = 0
    while True:
        mode = MODES[index % 4] if family == "m3" else None
        index += 1
        yield lay_out(draw, f"recall_{tokens}", recall(draw, int(tokens * CHARACTERS)), mode)


def questions(section: Section, family: str, seed: int, limit: int | None) -> list[Example]:
    """Return the different items of one section, at most `limit`."""
    count = section.count if limit is None else min(section.count, limit)
    source: Iterator[Example]
    if section.name == "fixed":
        source = fixed(family)
    elif section.name == "every_capital":
        source = every_capital(family, seed)
    elif section.name in TASKS:
        source = held_out(seed, family, section.name)
    else:
        source = far_recall(family, seed, int(section.name.removeprefix("recall_")))
    found: dict[str, Example] = {}
    # Small tasks have fewer different questions than asked for.
    for _, example in zip(range(6 * count), source, strict=False):
        found.setdefault(f"{example.thinking_mode}{example.messages[:-1]}{example.tools}", example)
        if len(found) == count:
            break
    return list(found.values())
