"""Who the model is to be (system texts, names) and who the user is (user_system), asked for in plain questions."""

from collections.abc import Callable
from dataclasses import dataclass

from training.generator import words
from training.generator.draw import Draw
from training.generator.item import Item, Message, say

JOBS = tuple(
    "baker pilot nurse teacher gardener carpenter painter lawyer cook plumber sailor farmer doctor singer dancer smith miner hunter fisher tailor "
    "potter clown judge spy thief knight wizard pirate butler poet shepherd engineer librarian detective captain merchant".split()
)
TRAITS = tuple("grumpy cheerful shy brave lazy curious proud quiet honest clever funny gentle strict nervous calm sleepy bold kind rude wise".split())
_ASK = {
    "name": ("What is {p} name?", "What's {p} name?", "Tell me {p} name.", "And {p} name?", "What was {p} name again?", "Do you know {p} name?", "{P} name?"),
    "job": ("What do {s} do for a living?", "What is {p} job?", "What is {p} profession?", "What do {s} work as?", "What's {p} job?", "And {p} job?",
            "How do {s} earn {p} money?", "Do you know {p} job?"),
    "home": ("Where do {s} live?", "Where is {p} home?", "In which city do {s} live?", "Where are {s} from?", "Tell me where {s} live.", "Which place are {s} from?"),
    "age": ("How old are {s}?", "What is {p} age?", "What's {p} age?", "Tell me {p} age.", "And how old are {s}?"),
    "trait": ("What are {s} like?", "How would you describe {o}?", "Describe {o} in one word.", "What kind of person are {s}?", "Describe {o}."),
    "likes": ("What do {s} like?", "What do {s} love?", "What makes {m} happy?", "Tell me what {s} like.", "What do {s} enjoy?"),
    "pet": ("What is {p} {a} called?", "What is the name of {p} {a}?", "What's {p} {a}'s name?", "Tell me {p} {a}'s name.", "What do {s} call {p} {a}?"),
}  # fmt: skip
_WHO = {True: ("Who are you?", "Who are you, please?", "Introduce yourself.", "And who are you?", "So who are you?", "Tell me who you are."),
        False: ("Who am I?", "Do you know who I am?", "Tell me who I am.", "And who am I?", "So who am I?")}  # fmt: skip
_TELL = {
    "name": ("{P} name is {v}.", "{S} {be} called {v}.", "{S} {be} {v}."),
    "job": ("{S} work{x} as a {v}.", "{S} {be} a {v}.", "{P} job: {v}."),
    "home": ("{S} live{x} in {v}.", "{S} come{x} from {v}.", "{P} home is {v}."),
    "age": ("{S} {be} {v} years old.", "{P} age is {v}."),
    "trait": ("{S} {be} {v}.", "{S} {be} very {v}.", "{S} {be} always {v}."),
    "likes": ("{S} like{x} {v}.", "{S} love{x} {v}."),
    "pet": ("{S} {have} a {a} called {v}.", "{P} {a} is called {v}."),
}  # fmt: skip
_ANSWER = {
    "name": "{P} name is {v}.", "job": "{S} work as a {v}.", "home": "{S} live in {v}.", "age": "{S} {are} {v} years old.", "trait": "{S} {are} {v}.",
    "likes": "{S} like {v}.", "pet": "{P} {a} is called {v}.",
}  # fmt: skip
_VOICES = {
    "you": ("You", "Your", "are", "", "have"), "i": ("I", "My", "am", "", "have"), "he": ("He", "His", "is", "s", "has"),
    "she": ("She", "Her", "is", "s", "has"), "user": ("The user", "The user's", "is", "s", "has"),
}  # fmt: skip
_WHOLE = ("{S} {be} {n}, a {j} from {h}.", "{S} {be} {n}, a {t} {j}.", "{S} {be} a {t} {j} called {n}.", "{S} {be} {n}, {g} years old, a {j}.",
          "{S} {be} a {j} from {h}.", "{S} {be} a {g} years old {j}.", "{S} {be} {n} from {h}.")  # fmt: skip
_PHRASES = ("a {j} from {h}", "a {t} {j}", "a {g} years old {j}", "{t}, {g} years old", "a {j} who likes {l}", "a {j}", "a {t} {j} from {h}", "from {h}, likes {l}",
            "a {j} who lives in {h}", "{n}, a {j}", "{n} from {h}", "{j}, {g}, from {h}")  # fmt: skip
_LETTERS = {"n": "name", "j": "job", "h": "home", "g": "age", "t": "trait", "l": "likes"}
NAMED = ("MiniMax AI", "MiniMax", "Assistant", "Max", "Mini", "Helper", "MM", "Robbie", "The Oracle")


@dataclass
class Persona:
    """Somebody whose facts stand in a text: what is known, which sentence says so, and who it is (the model or the user)."""

    model: bool
    facts: dict[str, tuple[str, str]]
    text: str
    name: str | None
    animal: str


def _values(draw: Draw) -> dict[str, str]:
    makers: dict[str, Callable[[], str]] = {
        "name": draw.name, "job": lambda: draw.word() if draw.chance(0.25) else draw.pick(JOBS), "home": draw.city, "age": lambda: draw.digits(2, 2),
        "trait": lambda: draw.word() if draw.chance(0.15) else draw.pick(TRAITS),
        "likes": lambda: draw.word() if draw.chance(0.4) else draw.pick(words.FOODS + words.COLOURS), "pet": draw.proper,
    }  # fmt: skip
    return {key: make() for key, make in makers.items()}


def persona(draw: Draw, model: bool) -> Persona:
    """Describe the model (a system text) or the user (a user_system message) by up to four facts."""
    values, animal = _values(draw), draw.pick(words.ANIMALS)
    voice = "you" if model else draw.pick(("i", "i", "he", "she", "user", "user"))
    subject, owner, be, ending, have = _VOICES[voice]
    facts: dict[str, tuple[str, str]] = {}
    sentences: list[str] = []

    def write(form: str, **more: str) -> str:
        return form.format(S=subject, P=owner, be=be, x=ending, have=have, a=animal, **more)

    if draw.chance(0.45):
        form = draw.pick(_WHOLE if model or draw.chance(0.5) else _PHRASES)
        text = write(form, **{letter: values[key] for letter, key in _LETTERS.items()})
        sentences.append(text)
        facts |= {key: (values[key], text) for letter, key in _LETTERS.items() if "{" + letter + "}" in form}
    rest = [key for key in _TELL if key not in facts]
    for key in draw.sample(rest, draw.number(0 if facts else 1, 2 if facts else 4)):
        sentences.append(write(draw.pick(_TELL[key]), v=values[key]))
        facts[key] = (values[key], sentences[-1])
    name = None
    if not model and "name" not in facts and draw.chance(0.6):
        name = values["name"]
        facts["name"] = (name, f"The user's name is {name}.")
    text = sentences[0] if len(sentences) == 1 and draw.chance(0.3) else " ".join(s if s[-1] == "." else s + "." for s in sentences)
    return Persona(model, facts, text.rstrip(".") if not model and draw.chance(0.2) else text, name, animal)


def messages(draw: Draw, who: Persona) -> list[Message]:
    """Write a persona as the message that carries it."""
    return [say("system" if who.model else "user_system", who.text, who.name)]


def asked(draw: Draw, who: Persona) -> Item:
    """Ask for one fact of a persona; the messages are still to be put in front."""
    key = draw.pick(tuple(who.facts))
    value, told = who.facts[key]
    subject, owner, thing, be = ("I", "My", "yourself", "am") if who.model else ("You", "Your", "me", "are")
    if key in ("name", "job") and draw.chance(0.35):
        user = draw.pick(_WHO[who.model])
        key = "name" if "name" in who.facts else "job"
        value, told = who.facts[key]
        answer = f"{subject} {be} {value}." if key == "name" else f"{subject} {be} a {value}."
    else:
        theirs = ("your", "you") if who.model else ("my", "I")
        user = draw.phrase(_ASK[key]).format(p=theirs[0], P=theirs[0].capitalize(), s=theirs[1], o=thing, m="you" if who.model else "me", a=who.animal)
        user = user.replace("are I", "am I") if not who.model else user
        answer = _ANSWER[key].format(S=subject, P=owner, v=value, are=be, a=who.animal)
    heading = "I am told" if who.model else "About the user"
    if draw.chance(0.3):
        user = draw.dressed(user)
    return Item(user, f"{heading}: {told}", answer, hard=True, check={"contains": [value]})


def in_persona(draw: Draw) -> Item:
    """Answer as the person that the system text describes."""
    who = persona(draw, True)
    item = asked(draw, who)
    item.system = who.text if draw.chance(0.8) else f"{who.text} {draw.pick(('Answer briefly.', 'Stay in character.', 'Be friendly.', 'Help the user.'))}"
    return item


def named_only(draw: Draw) -> Item:
    """Answer under the name that a system message without content gives."""
    name = draw.name() if draw.held or draw.chance(0.7) else draw.pick(NAMED)
    special = [say("system", "", name)]
    if draw.chance(0.15):
        return Item(draw.pick(("hello", "Hello!", "Hi!", "hi", "Hey!", "Good morning!")), "The user greets me.", "Hello! How can I help you?",
                    special=special, speaker=draw.pick((None, "user", "Bob")), check={"contains": ["Hello", "help"]}, base="")  # fmt: skip
    who = Persona(True, {"name": (name, f"Your name is {name}.")}, "", None, "")
    item = asked(draw, who)
    item.special = special
    item.speaker = "user" if draw.chance(0.3) else None
    return item


def of_user(draw: Draw) -> Item:
    """Know the user by a user_system message, with or without a system text."""
    who = persona(draw, False)
    item = asked(draw, who)
    item.special = messages(draw, who)
    if draw.chance(0.15):
        # Only a name, as the API allows.
        name = draw.name()
        item = asked(draw, Persona(False, {"name": (name, f"The user's name is {name}.")}, "", name, ""))
        item.special = [say("user_system", "", name)]
    if draw.chance(0.35):
        item.system = draw.pick(("You are a helpful assistant.", "Be friendly.", "You are a chatbot.", "Answer briefly.", "You are a friendly assistant."))
    return item
