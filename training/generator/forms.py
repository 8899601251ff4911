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


def _chosen(draw: Draw, text: str, fields: tuple[tuple[tuple[str, ...], dict[str, Any], Any], ...]) -> Form:
    """Pick a key for each field, and leave some fields out; `text` holds `{0}` for the first value."""
    kept = [index for index in range(len(fields)) if draw.chance(0.8)] or [0]
    if draw.chance(0.3):
        draw.rng.shuffle(kept)
    keys = {index: draw.pick(fields[index][0]) for index in kept}
    shown = [", ".join(v[:-1]) + " and " + v[-1] if isinstance(v, list) else v for _, _, v in fields]
    return {keys[i]: fields[i][1] for i in kept}, {keys[i]: fields[i][2] for i in kept}, text.format(*shown)


def bill(draw: Draw) -> Form:
    """Mention a bill with its number, sum and date."""
    number, total, day = draw.digits(3, 6), draw.number(1, 900) + draw.pick((0.5, 0.25, 0.75, 0.99, 0.0, 0.1)), draw.date()
    text = draw.phrase(("Bill {0}: {1} euros, due {2}.", "Please pay invoice {0} of {1} EUR by {2}.", "The invoice no. {0} over {1} is due on {2}.", "Receipt {0}, sum {1}, date {2}.",
                        "We sent you bill {0} for {1} on {2}.", "Invoice number {0}; amount {1}; payable until {2}.", "On {2} I paid {1} for invoice {0}."))  # fmt: skip
    fields = ((("number", "invoice_number", "id", "bill"), _STRING, number), (("amount", "sum", "price"), {"type": "number"}, total), (("date", "due_date", "day"), _STRING, day))
    return _chosen(draw, text, fields)


def appointment(draw: Draw) -> Form:
    """Mention whom to meet, when and where."""
    people, day = [draw.proper() for _ in range(draw.pick((2, 2, 3)))], draw.pick(_DAYS)
    place = draw.word() if draw.held or draw.chance(0.5) else draw.pick(("library", "cafe", "park", "school", "station", "hotel", "gym"))
    text = draw.phrase(("I meet {0} on {1} at the {2}.", "Lunch with {0} on {1} in the {2}.", "On {1} there is a call with {0} at the {2}.", "{0} and I see each other on {1} at the {2}.", "{1}: {0}, {2}",
                        "Don't forget: {0}, {1}, at the {2}!", "We will be at the {2} with {0} on {1}."))  # fmt: skip
    return _chosen(draw, text, ((("people", "with", "persons", "attendees"), _STRINGS, people), (("day", "weekday", "when"), _STRING, day), (("place", "where", "location"), _STRING, place)))


def purchase(draw: Draw) -> Form:
    """Mention what somebody bought for how much."""
    count, thing, price = draw.number(2, 60), draw.word() if draw.held or draw.chance(0.5) else draw.pick(words.THINGS), draw.number(1, 99)
    text = draw.phrase(("{3} bought {0} {1} for {2} euros each.", "{0} {1} at {2} dollars, sold to {3}.", "I, {3}, would like {0} {1}. They cost {2} each.", "{3} ordered {0} {1}, {2} euros apiece.", "Order by {3}: {0} {1}, price {2}"))
    fields = ((("quantity", "count", "number"), _INTEGER, count), (("product", "item", "article"), _STRING, thing), (("price", "unit_price", "cost"), _INTEGER, price), (("customer", "buyer", "name"), _STRING, draw.name()))
    return _chosen(draw, text, fields)


def complaint(draw: Draw) -> Form:
    """Write to a support team; the text belongs to one of three categories."""
    kinds = {"billing": ("I was charged twice.", "The invoice is wrong.", "I want my money back.", "Why did the price go up?", "My card was refused."),
             "technical": ("The app crashes.", "I cannot log in.", "The page is blank.", "It shows an error.", "The update failed."),
             "delivery": ("My parcel is late.", "The box arrived broken.", "Where is my package?", "It was sent to the wrong house.", "Nothing has arrived yet.")}  # fmt: skip
    kind = draw.pick(tuple(kinds))
    choices = list(kinds)
    draw.rng.shuffle(choices)
    name = draw.name()
    text = draw.phrase(("{0} writes: {1}", "{1} Regards, {0}", "From {0}: {1}", "{1} - {0}", "Hello, I am {0}. {1}")).format(name, draw.pick(kinds[kind]))
    key = draw.pick(("category", "topic", "department", "label"))
    properties: dict[str, Any] = {key: {"type": "string", "enum": choices}}
    if draw.chance(0.5):
        return {"name": _STRING, **properties}, {"name": name, key: kind}, text
    return properties, {key: kind}, text


def form(draw: Draw) -> Form:
    """Draw any of these."""
    return draw.pick((person, person, event, event, opinion, question, question, listed, bill, appointment, purchase, complaint))(draw)
