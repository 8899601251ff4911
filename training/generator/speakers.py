"""Conversations of several named people, and questions about who said what."""

from training.generator.capitals import ASK, bare, draw_country, sentence
from training.generator.draw import Draw
from training.generator.item import Item, Message, say
from training.generator.personas import JOBS
from training.generator.recall import ACKS, FAVOURITES, NAMED, value_of

_TELL = {
    "named": ("My {n} is called {v}.", "my {n} is called {v}", "I have a {n} called {v}.", "My {n}'s name is {v}."),
    "favourite": ("My favourite {n} is {v}.", "my favourite {n} is {v}", "{v} is my favourite {n}."),
    "home": ("I live in {v}.", "I'm from {v}.", "My home is in {v}."),
    "work": ("I work as a {v}.", "I am a {v}.", "My job is {v}."),
    "age": ("I am {v} years old.", "I'm {v} years old.", "My age is {v}."),
    "likes": ("I like {v}.", "I love {v}.", "{v} is what I like."),
}  # fmt: skip
_ASK = {
    "named": ("What is {p} {n} called?", "What is the name of {p} {n}?", "What's {p} {n}'s name?", "Tell me the name of {p} {n}."),
    "favourite": ("What is {p} favourite {n}?", "Which {n} is {p} favourite?", "What's {p} favourite {n}?", "Tell me {p} favourite {n}."),
    "home": ("Where {d} {s} live?", "What city {i} {s} from?", "Where {i} {s} from?"),
    "work": ("What {d} {s} do for a living?", "What is {p} job?", "What {d} {s} work as?"),
    "age": ("How old {i} {s}?", "What is {p} age?", "What's {p} age?"),
    "likes": ("What {d} {s} like?", "Tell me what {s} like{x}.", "What {d} {s} love?"),
}  # fmt: skip
_ANSWER = {
    "named": "{P} {n} is called {v}.", "favourite": "{P} favourite {n} is {v}.", "home": "{S} live{x} in {v}.", "work": "{S} work{x} as a {v}.",
    "age": "{S} {i} {v} years old.", "likes": "{S} like{x} {v}.",
}  # fmt: skip
_WHO = {
    "named": "Who has a {n} called {v}?", "favourite": "Whose favourite {n} is {v}?", "home": "Who lives in {v}?", "work": "Who works as a {v}?",
    "age": "Who is {v} years old?", "likes": "Who likes {v}?",
}  # fmt: skip


def _value(draw: Draw, kind: str) -> str:
    if kind == "work":
        return draw.word() if draw.chance(0.4) else draw.pick(JOBS)
    return value_of(draw, "favourite" if kind == "likes" else kind)


def _ask(draw: Draw, kind: str, noun: str, value: str, teller: str, asker: str) -> tuple[str, str]:
    """Return a question about a teller's fact and its answer."""
    if draw.chance(0.2):
        return _WHO[kind].format(n=noun, v=value), f"{teller}."
    own = teller == asker
    forms = {"p": "my", "s": "I", "d": "do", "i": "am", "x": ""} if own else {"p": f"{teller}'s", "s": teller, "d": "does", "i": "is", "x": "s"}
    user = draw.phrase(_ASK[kind]).format(n=noun, **forms)
    told = {"P": "Your", "S": "You", "i": "are", "x": ""} if own else {"P": f"{teller}'s", "S": teller, "i": "is", "x": "s"}
    return user, _ANSWER[kind].format(n=noun, v=value, **told)


def speakers(draw: Draw) -> Item:
    """Ask what one of several speakers has said; both often speak of the same thing."""
    names: list[str] = []
    while len(names) < draw.pick((2, 2, 3)):
        if (name := draw.proper()) not in names:
            names.append(name)
    kinds = [draw.pick(tuple(_TELL)) for _ in range(draw.pick((1, 1, 2)))]
    told: list[tuple[str, str, str, str, str]] = []
    for kind in dict.fromkeys(kinds):
        noun = draw.pick({"named": NAMED, "favourite": FAVOURITES}.get(kind, ("",)))
        values: set[str] = set()
        for name in names:
            value = _value(draw, kind)
            while value in values:
                value = _value(draw, kind)
            values.add(value)
            told.append((name, kind, noun, value, draw.pick(_TELL[kind]).format(n=noun, v=value)))
    draw.rng.shuffle(told)
    history: list[Message] = []
    acknowledged = draw.chance(0.5)
    for name, _, _, _, text in told:
        history.append(say("user", text, name))
        if acknowledged:
            history.append(say("assistant", draw.pick(ACKS)))
    asker = draw.pick(names)
    system = draw.pick(("You are a helpful assistant.", "You are in a group chat.", "Be brief.")) if draw.chance(0.25) else None
    if draw.chance(0.12):
        country = draw_country(draw)
        user = draw.phrase(ASK).format(c=country.name, C=bare(country.name))
        return Item(user, f"Capital of {country.name}: {country.capital}.", sentence(country), system=system, history=history, speaker=asker,
                    check={"contains": [country.capital]})  # fmt: skip
    teller, kind, noun, value, text = draw.pick(told)
    user, answer = _ask(draw, kind, noun, value, teller, asker)
    check = {"contains": [teller if answer == f"{teller}." else value]}
    return Item(user, f"{teller}: {text}", answer, hard=True, system=system, history=history, speaker=asker, check=check)
