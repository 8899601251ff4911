"""The tasks and how often each is drawn."""

from collections.abc import Callable

from training.generator import arithmetic, capitals, extraction, haiku, languages, reading, recall, recipes, story, style, talk, tools, translation, verbatim
from training.generator.draw import Draw
from training.generator.item import Item

Maker = Callable[[Draw], Item]


def beside(draw: Draw) -> Item:
    """Answer a plain question beside tools that are of no use for it."""
    make = draw.pick((capitals.capital, languages.hello, talk.small_talk, talk.definition, arithmetic.arithmetic, verbatim.repeat, languages.greeting))
    return tools.beside(draw, make)


TASKS: dict[str, tuple[Maker, float]] = {
    "capital": (capitals.capital, 11.0),
    "two_capitals": (capitals.two_capitals, 2.0),
    "foreign_capital": (languages.foreign_capital, 6.0),
    "foreign_greeting": (languages.greeting, 3.0),
    "translation": (translation.translation, 1.0),
    "hello": (languages.hello, 1.5),
    "arithmetic": (arithmetic.arithmetic, 19.0),
    "drill": (arithmetic.drill, 5.0),
    "larger": (verbatim.larger, 1.0),
    "recall": (recall.recall, 12.0),
    "unknown_fact": (recall.unknown, 1.0),
    "reading": (reading.reading, 3.0),
    "repeat": (verbatim.repeat, 10.0),
    "change": (verbatim.change, 1.5),
    "listing": (verbatim.listing, 1.5),
    "counting": (verbatim.counting, 1.2),
    "system": (style.follow, 7.5),
    "tool_call": (tools.tool_call, 7.0),
    "parallel": (tools.parallel, 2.5),
    "tool_result": (tools.result, 3.5),
    "no_tool": (tools.refused, 1.5),
    "beside_tools": (beside, 1.5),
    "extraction": (extraction.extraction, 7.0),
    "json_object": (extraction.free_object, 1.5),
    "small_talk": (talk.small_talk, 4.0),
    "definition": (talk.definition, 4.0),
    "comparison": (talk.comparison, 1.5),
    "identity": (talk.identity, 1.2),
    "not_known": (talk.not_known, 1.5),
    "recipe": (recipes.recipe, 1.5),
    "haiku": (haiku.haiku, 1.5),
    "story": (story.story, 0.6),
}
"""By name: the maker and its share of the examples."""
