"""Texts in which the answer to a question stands."""

from collections.abc import Callable

from training.generator import words
from training.generator.draw import Draw
from training.generator.item import Item, say

_FACTS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("{n} lives in {v}.", ("Where does {n} live?", "In which city does {n} live?", "What city is {n} in?", "{n} lives where?"), "city"),
    ("{n} has a {o} called {v}.", ("What is {n}'s {o} called?", "What is the name of {n}'s {o}?", "How is {n}'s {o} called?", "Who is {n}'s {o}?"), "proper"),
    ("{n} works as a {v}.", ("What is {n}'s job?", "What does {n} do?", "What does {n} work as?", "Which job does {n} have?"), "word"),
    ("The {o} costs {v} euros.", ("How much is the {o}?", "What does the {o} cost?", "What is the price of the {o}?", "How much does the {o} cost?"), "digits"),
    ("The code of the {o} is {v}.", ("What is the code of the {o}?", "Which code does the {o} have?", "Code of the {o}?", "Tell me the {o}'s code."), "code"),
    ("{n} likes {v}.", ("What does {n} like?", "What is it that {n} likes?", "Tell me what {n} likes.", "{n} likes what?"), "word"),
    ("The {o} is {v}.", ("What colour is the {o}?", "Which colour does the {o} have?", "What is the colour of the {o}?", "Colour of the {o}?"), "colour"),
    ("{n} was born in {v}.", ("When was {n} born?", "In which year was {n} born?", "What is {n}'s year of birth?", "Year of birth of {n}?"), "year"),
    ("The key is under the {v}.", ("Where is the key?", "Under what is the key?", "Where do I find the key?", "Where was the key put?"), "word"),
)  # fmt: skip
_PADDING = (
    "The morning was calm and the air was clear.", "Nobody in the village was in a hurry.", "A train went by in the distance.",
    "The market opens at eight.", "Some people were waiting for the bus.", "It had rained in the night.", "The path goes along the river.",
    "There was bread on the table.", "The windows were open.", "Children played in the yard.", "The old clock was slow again.",
    "A cat slept on the wall.", "The lamps were lit early.", "Then the wind turned.", "The shop was closed that day.",
)  # fmt: skip
_FRAMES = ("{t}\n\n{q}", "{t} {q}", "Read this: {t}\n{q}", "Text: {t}\nQuestion: {q}", "{q}\n\n{t}", "Here is a text.\n{t}\n\n{q}", "Context: {t}\n\n{q}")
_OBJECTS = ("lamp", "boat", "house", "bike", "robot", "door", "table", "bag", "car", "horse", "cat", "dog", "ticket", "clock", "coat", "box")


def reading(draw: Draw) -> Item:
    """Ask about one fact of a text; now and then the text is long, and may stand in the system text."""
    count = draw.number(1, 4)
    facts: list[tuple[str, str, str]] = []
    used: set[str] = set()
    while len(facts) < count:
        form, asks, kind = draw.pick(_FACTS)
        name, thing = draw.proper(), draw.pick(_OBJECTS)
        about = form.split("{v}")[0].format(n=name, o=thing)
        if about in used:
            continue
        used.add(about)
        makers: dict[str, Callable[[], str]] = {
            "city": draw.city, "proper": draw.proper, "word": draw.word, "digits": lambda: draw.digits(1, 4), "code": draw.code,
            "colour": lambda: draw.pick(words.COLOURS), "year": lambda: draw.fresh(lambda: str(draw.number(1800, 2025))),
        }  # fmt: skip
        value = makers[kind]()
        facts.append((form.format(n=name, o=thing, v=value), draw.phrase(asks).format(n=name, o=thing), value))
    roll = draw.rng.random()
    padding = draw.number(0, 3) if roll < 0.85 else draw.number(4, 40) if roll < 0.97 else draw.number(40, 150)
    sentences = [fact[0] for fact in facts] + [draw.pick(_PADDING) for _ in range(padding)]
    draw.rng.shuffle(sentences)
    told, ask, value = draw.pick(facts)
    text = " ".join(sentences)
    thought = f"The text says: {told}"
    check = {"contains": [value]}
    if draw.chance(0.15):
        return Item(ask, thought, told, hard=True, system=text, check=check)
    if draw.chance(0.15):
        return Item(ask, thought, told, hard=True, history=[say("user", text), say("assistant", "Noted.")], check=check)
    return Item(draw.phrase(_FRAMES).format(t=text, q=ask), thought, told, hard=True, check=check)
