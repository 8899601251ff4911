"""What is asked: the vendors' examples, every country's capital, held-out items of each task, and recall from afar."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from training.generator import Example, held_out
from training.generator.capitals import ASK, bare, sentence
from training.generator.draw import Draw
from training.generator.item import Item
from training.generator.layout import MODES, lay_out
from training.generator.recall import recall
from training.generator.split import is_held_prompt
from training.generator.tasks import TASKS
from training.generator.world import COUNTRIES
from training.suite.first import first


@dataclass(frozen=True)
class Section:
    """A row of the report: its name, how many items, and the accuracy we aim at (None: only watched)."""

    name: str
    count: int
    aim: float | None = None


SECTIONS = (
    Section("fixed", 120, 1.0),
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
    Section("persona", 80, 0.9),
    Section("name_only", 50, 0.9),
    Section("user_system", 100, 0.9),
    Section("group", 80, 0.9),
    Section("cast", 80, 0.9),
    Section("samples", 100, 0.9),
    Section("speakers", 100, 0.9),
    Section("hello", 40, 0.9),
    Section("foreign_greeting", 100, 0.9),
    Section("foreign_capital", 100, 0.9),
    Section("tool_call", 120, 0.95),
    Section("parallel", 100, 0.95),
    Section("tool_result", 100, 0.9),
    Section("no_tool", 100, 0.95),
    Section("beside_tools", 100, 0.95),
    Section("extraction", 120, 0.9),
    Section("json_object", 60),
    Section("beyond", 150, 0.95),
    *(Section(name, 40) for name in ("repeat", "change", "listing", "definition", "not_known")),
    *(Section(name, 30) for name in ("counting", "unknown_fact", "small_talk", "comparison")),
    *(Section(name, 20) for name in ("identity", "recipe", "haiku", "story")),
)
CHARACTERS = 2.25
"""About how many characters of filler turns make one token, counted without the marks between turns."""


def every_capital(family: str, seed: int) -> Iterator[Example]:
    """Ask for each country's capital once, in a prompt that training never sees."""
    draw = Draw(Random(f"{family}:{seed}"), family, held=True)
    for index, country in enumerate(COUNTRIES):
        while not is_held_prompt(user := draw.dressed(draw.phrase(ASK).format(c=country.name, C=bare(country.name)))):
            pass
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
        source = first(family)
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
