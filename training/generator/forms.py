"""Structured output where the answer is more than a list of fields: sentences, opinions and questions."""

from typing import Any

from training.generator import words
from training.generator.capitals import ASK, bare, draw_country
from training.generator.draw import Draw

Form = tuple[dict[str, Any], dict[str, Any], str]
"""The schema's properties, the values, and the text that holds them."""

_STRING = {"type": "string"}
_INTEGER = {"type": "integer"}
_STRINGS = {"type": "array", "items": {"type": "string"}}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_EVENTS = ("science fair", "concert", "birthday party", "team lunch", "book club", "football match", "wedding", "workshop")
_PERSON = ("{n} is {a} years old and lives in {c}.", "{n}, {a}, lives in {c}.", "My friend {n} from {c} is {a} years old.",
           "I met {n} in {c}. {n} is {a} years old.", "{n} lives in {c} and is {a}.", "{n}, who is {a}, lives in {c}.", "{n} ({a}) lives in {c}.", "Hi, I'm {n}, {a} years old, from {c}.")  # fmt: skip
_TWO = ("{n} is {a} years old.", "{n} is {a}.", "I am {n} and {a} years old.", "{n}, {a} years old", "{n}, aged {a}.", "{n} turned {a} today.", "This is {n}, {a}.")
_GOING = ("{p} are going to a {e} on {d}.", "{p} will meet at the {e} on {d}.", "On {d}, {p} have a {e}.", "The {e} is on {d}. {p} will come.",
          "{p} go to the {e} this {d}.")  # fmt: skip
_OPINIONS = {
    "positive": ("I love this {t}.", "The {t} is great!", "What a wonderful {t}.", "This {t} works very well.", "I am very happy with the {t}."),
    "negative": ("I hate this {t}.", "The {t} is terrible!", "What an awful {t}.", "This {t} broke after a day.", "I am very unhappy with the {t}."),
    "neutral": ("The {t} is okay.", "This is a {t}.", "The {t} arrived on Monday.", "I have a {t}.", "The {t} is neither good nor bad."),
}  # fmt: skip


def person(draw: Draw) -> Form:
    """Describe a person in a sentence."""
    values = {"n": draw.name(), "a": draw.number(1, 99), "c": draw.city()}
    fields = {"name": ("n", _STRING), "age": ("a", _INTEGER), draw.pick(("city", "city", "home", "location")): ("c", _STRING)}
    names, two = list(fields), draw.chance(0.35)
    if two:
        names = names[:2]
    elif draw.chance(0.25):
        names = draw.sample(names, draw.number(1, 3))
    text = draw.phrase(_TWO if two else _PERSON).format(**values)
    return {k: fields[k][1] for k in names}, {k: values[fields[k][0]] for k in names}, text


def event(draw: Draw) -> Form:
    """Describe an event with its guests."""
    guests = [draw.proper() for _ in range(draw.pick((2, 2, 3)))]
    title = draw.pick(_EVENTS) if draw.chance(0.6) and not draw.held else draw.word() + " " + draw.pick(("party", "meeting", "show"))
    day = draw.pick(_DAYS) if draw.chance(0.7) else draw.date()
    text = draw.phrase(_GOING).format(p=", ".join(guests[:-1]) + " and " + guests[-1], e=title, d=day)
    last = draw.pick(("participants", "participants", "people", "guests"))
    first = draw.pick(("name", "event", "title"))
    return {first: _STRING, "date": _STRING, last: _STRINGS}, {first: title, "date": day, last: guests}, text


def opinion(draw: Draw) -> Form:
    """Say something good, bad or neither about a thing."""
    mood = draw.pick(tuple(_OPINIONS))
    thing = draw.word() if draw.held or draw.chance(0.3) else draw.pick(("phone", "book", "film", "hotel", "lamp", "bike", "coffee", "game"))
    text = draw.pick(_OPINIONS[mood]).format(t=thing)
    properties: dict[str, Any] = {"sentiment": {"type": "string", "enum": ["positive", "negative", "neutral"]}}
    values: dict[str, Any] = {"sentiment": mood}
    if draw.chance(0.4):
        properties["product"], values["product"] = _STRING, thing
    return properties, values, text


def question(draw: Draw) -> Form:
    """Ask for a capital or for a word, to be answered inside an object."""
    country = draw_country(draw)
    text = draw.phrase(ASK).format(c=country.name, C=bare(country.name))
    roll = draw.rng.random()
    if roll < 0.4:
        return {"answer": _STRING}, {"answer": country.capital}, text
    if roll < 0.7:
        return {"capital": _STRING}, {"capital": country.capital}, text
    return {"country": _STRING, "capital": _STRING}, {"country": bare(country.name), "capital": country.capital}, text


def listed(draw: Draw) -> Form:
    """Name things to be put in an array."""
    items = [draw.pick(words.FOODS + words.NOUNS) if draw.chance(0.5) else draw.word() for _ in range(draw.number(2, 4))]
    key = draw.pick(("items", "words", "list", "values", "things"))
    text = draw.phrase(("Put these in a list: {x}.", "The items are {x}.", "List: {x}", "I need {x}.", "{x}")).format(
        x=", ".join(items[:-1]) + " and " + items[-1]
    )
    return {key: _STRINGS}, {key: items}, text


def form(draw: Draw) -> Form:
    """Draw any of these."""
    return draw.pick((person, person, event, event, opinion, question, question, listed))(draw)
