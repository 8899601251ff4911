"""The tasks and how often each is drawn."""

from collections.abc import Callable

from training.generator import (
    arithmetic, beyond as too_much, capitals, extraction, haiku, languages, personas, reading, recall, recipes, samples, scenes, speakers, story, style, talk, tools, verbatim,
)
from training.generator.draw import Draw
from training.generator.item import Item

Maker = Callable[[Draw], Item]


def beside(draw: Draw) -> Item:
    """Answer a plain question beside tools that are of no use for it."""
    make = draw.pick((capitals.capital, languages.hello, talk.small_talk, talk.definition, arithmetic.arithmetic, verbatim.repeat, languages.greeting,
                      too_much.question))
    return tools.beside(draw, make)


TASKS: dict[str, tuple[Maker, float]] = {
    "capital": (capitals.capital, 10.0),
    "two_capitals": (capitals.two_capitals, 2.5),
    "foreign_capital": (languages.foreign_capital, 5.0),
    "foreign_greeting": (languages.greeting, 4.0),
    "hello": (languages.hello, 2.0),
    "arithmetic": (arithmetic.arithmetic, 18.0),
    "drill": (arithmetic.drill, 3.0),
    "recall": (recall.recall, 10.0),
    "unknown_fact": (recall.unknown, 1.0),
    "reading": (reading.reading, 2.5),
    "repeat": (verbatim.repeat, 5.0),
    "change": (verbatim.change, 1.5),
    "listing": (verbatim.listing, 1.2),
    "counting": (verbatim.counting, 1.0),
    "system": (style.follow, 10.0),
    "persona": (personas.in_persona, 4.0),
    "name_only": (personas.named_only, 2.0),
    "user_system": (personas.of_user, 5.0),
    "group": (scenes.group, 4.0),
    "cast": (scenes.cast, 6.0),
    "samples": (samples.sampled, 6.0),
    "speakers": (speakers.speakers, 14.0),
    "tool_call": (tools.tool_call, 12.0),
    "parallel": (tools.parallel, 6.0),
    "tool_result": (tools.result, 3.0),
    "no_tool": (tools.refused, 4.0),
    "beside_tools": (beside, 4.5),
    "extraction": (extraction.extraction, 10.0),
    "json_object": (extraction.free_object, 1.5),
    "small_talk": (talk.small_talk, 5.0),
    "definition": (talk.definition, 3.0),
    "comparison": (talk.comparison, 1.2),
    "identity": (talk.identity, 1.5),
    "not_known": (talk.not_known, 2.0),
    "beyond": (too_much.beyond, 22.0),
    "recipe": (recipes.recipe, 1.2),
    "haiku": (haiku.haiku, 1.2),
    "story": (story.story, 0.5),
}
"""By name: the maker and its share of the examples."""
