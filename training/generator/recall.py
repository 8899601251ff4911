"""Facts that the user tells and asks for again, turns later."""

from collections.abc import Callable

from training.generator import words
from training.generator.chatter import filler
from training.generator.draw import Draw
from training.generator.item import Item, Message, say

Fact = tuple[str, str, str]
"""What the fact is about (as in `my cat's name`), the sentence that tells it, its value."""

FAVOURITES = tuple(
    "colour,color,food,animal,city,book,band,film,song,number,drink,game,sport,season,tree,fruit,teacher,shop,planet,word,"
    "flower,dish,museum,bird,team,painter,dessert,hobby,street,river,mountain".split(",")
)
NAMED = tuple(
    "cat,dog,horse,parrot,rabbit,hamster,boat,car,brother,sister,mother,father,son,daughter,boss,teacher,neighbour,"
    "doctor,friend,uncle,aunt,company,robot,server,bike,project,team,school,street,village,cousin,goldfish,"
    "landlord,dentist,coach,laptop,band,hotel,restaurant,garden gnome".split(",")
)
_CODED = tuple(
    "door,safe,locker,gate,garage,alarm,bike lock,parcel,order,booking,ticket,ward,room,suitcase,printer,licence,"
    "invoice,member card,flight,train,seat,table,flat,project,account,vault,cabinet,shed".split(",")
)
_TELL = {
    "favourite": ("My favourite {n} is {v}.", "my favourite {n} is {v}", "I like {v} best of all: my favourite {n}.",
                  "Of course {v} is my favourite {n}.", "{v} is my favourite {n}.", "Note: my favourite {n} is {v}."),
    "named": ("My {n} is called {v}.", "My {n}'s name is {v}.", "I have a {n} called {v}.", "my {n} is named {v}",
              "The name of my {n} is {v}.", "{v} is the name of my {n}.", "By the way, my {n} is called {v}."),
    "coded": ("The {n} code is {v}.", "My {n} number is {v}.", "The code for the {n} is {v}.", "{v} is the {n} code.",
              "Remember this {n} code: {v}.", "the {n} code is {v}", "Please note the {n} code {v}."),
    "name": ("My name is {v}.", "I'm {v}.", "I am {v}.", "Hi, I'm {v}.", "Hello, my name is {v}!", "Call me {v}.",
             "hi, {v} here", "my name is {v}"),
    "home": ("I live in {v}.", "I come from {v}.", "My home is in {v}.", "I'm from {v}.", "We live in {v}."),
    "work": ("I work as a {v}.", "I am a {v} by trade.", "My job is {v}.", "I earn my living as a {v}."),
    "age": ("I am {v} years old.", "I'm {v} years old.", "My age is {v}.", "I turned {v} this year."),
    "word": ("Remember the word {v}.", "The secret word is {v}.", "Please remember this word: {v}.", "Keep in mind: {v}.",
             "The magic word is {v}.", "The password of the day is {v}."),
    "password": ("The password is {v}.", "My password is {v}.", "Remember the password {v}.", "the password is {v}",
                 "{v} is the password."),
    "number": ("Remember the number {v}.", "My lucky number is {v}.", "Please remember the number {v}.",
               "The number is {v}.", "Keep the number {v} in mind."),
    "meeting": ("The meeting is at {v}.", "We meet at {v}.", "The meeting starts at {v}.", "Our meeting is set for {v}."),
    "birthday": ("My birthday is on {v}.", "I was born on {v}.", "My date of birth is {v}."),
    "mail": ("My email is {v}.", "My email address is {v}.", "Write to me at {v}.", "You can reach me at {v}."),
}  # fmt: skip
_ASK = {
    "favourite": ("What is my favourite {n}?", "What's my favourite {n}?", "Which {n} do I like best?",
                  "Do you remember my favourite {n}?", "Tell me my favourite {n}.", "What was my favourite {n}?",
                  "And my favourite {n}?"),
    "named": ("What is my {n} called?", "What's my {n}'s name?", "What is the name of my {n}?", "How is my {n} called?",
              "Do you remember my {n}'s name?", "What is my {n}'s name?", "Tell me the name of my {n}.",
              "What did I say my {n} is called?"),
    "coded": ("What is the {n} code?", "What's the {n} code?", "Which {n} code did I give you?", "Tell me the {n} code.",
              "What is the code for the {n}?", "Do you remember the {n} code?", "I forgot the {n} code. What is it?"),
    "name": ("What is my name?", "What's my name?", "Who am I?", "Do you remember my name?", "How am I called?",
             "Tell me my name.", "What did I say my name is?", "whats my name", "Do you know my name?"),
    "home": ("Where do I live?", "Where am I from?", "In which city do I live?", "Do you remember where I live?",
             "Which city do I come from?"),
    "work": ("What is my job?", "What do I do for a living?", "What's my job?", "Do you remember my job?", "What do I work as?"),
    "age": ("How old am I?", "What is my age?", "What's my age?", "Do you remember how old I am?", "Tell me my age."),
    "word": ("What is the word?", "Which word should you remember?", "What word did I give you?", "What was the word?",
             "What was the secret word?", "Tell me the word I gave you.", "Repeat the word I told you."),
    "password": ("What is the password?", "What's the password?", "Tell me the password.", "Which password did I give you?",
                 "Do you remember the password?", "What was the password?"),
    "number": ("What is the number?", "Which number did I tell you?", "What number should you remember?",
               "What was my number?", "What was the number?", "Tell me the number I gave you."),
    "meeting": ("When is the meeting?", "At what time do we meet?", "When do we meet?", "What time is the meeting?"),
    "birthday": ("When is my birthday?", "When was I born?", "What is my date of birth?", "Do you remember my birthday?"),
    "mail": ("What is my email?", "What's my email address?", "Do you remember my email?", "How can you reach me by email?"),
}  # fmt: skip
_ANSWER = {
    "favourite": "Your favourite {n} is {v}.", "named": "Your {n} is called {v}.", "coded": "The {n} code is {v}.",
    "name": "Your name is {v}.", "home": "You live in {v}.", "work": "You work as a {v}.", "age": "You are {v} years old.",
    "word": "The word is {v}.", "number": "The number is {v}.",
    "password": "The password is {v}.", "meeting": "The meeting is at {v}.",
    "birthday": "Your birthday is on {v}.", "mail": "Your email is {v}.",
}  # fmt: skip
_NOUNS = {"favourite": FAVOURITES, "named": NAMED, "coded": _CODED}
_KINDS = ("favourite", "named", "coded", "favourite", "named", "coded", "name", "name", "home", "work", "age", "word",
          "word", "number", "password", "meeting", "birthday", "mail")  # fmt: skip
_JOBS = ("baker", "pilot", "nurse", "teacher", "gardener", "carpenter", "painter", "lawyer", "cook", "plumber")
ACKS = ("Noted.", "Got it.", "Okay.", "Thanks for telling me.", "I will remember that.", "All right.", "Good to know.",
         "Understood.", "Sure, noted.")  # fmt: skip


def value_of(draw: Draw, kind: str) -> str:
    """Draw a value that suits a kind of fact."""
    makers: dict[str, Callable[[], str]] = {
        "named": draw.proper, "coded": lambda: draw.code() if draw.chance(0.6) else draw.digits(3, 6),
        "name": draw.name, "home": draw.city, "age": lambda: draw.digits(2, 2), "mail": draw.email,
        "number": lambda: draw.digits(2, 5), "meeting": draw.clock, "birthday": draw.date,
        "word": lambda: draw.word() if draw.chance(0.6) else draw.pick(words.COMMON),
        "password": draw.word if draw.chance(0.5) else draw.code,
        "work": lambda: draw.pick(_JOBS) if draw.chance(0.5) else draw.word(),
    }  # fmt: skip
    if kind in makers:
        return makers[kind]()
    if draw.held or draw.chance(0.55):
        return draw.word() if draw.chance(0.6) else draw.proper()
    return draw.pick(words.COLOURS + words.FOODS + words.ANIMALS + words.CITIES)


class Told:
    """A fact with its wordings."""

    def __init__(self, draw: Draw, kind: str, noun: str) -> None:
        self.kind, self.noun = kind, noun
        self.value = value_of(draw, kind)
        self.tell = draw.pick(_TELL[kind]).format(n=noun, v=self.value)
        self.ask = draw.phrase(_ASK[kind]).format(n=noun)
        self.answer = _ANSWER[kind].format(n=noun, v=self.value)


def facts(draw: Draw, count: int) -> list[Told]:
    """Draw facts that differ in kind or noun."""
    seen: set[str] = set()
    found: list[Told] = []
    while len(found) < count:
        kind = draw.pick(_KINDS)
        noun = draw.pick(_NOUNS[kind]) if kind in _NOUNS else ""
        if kind + noun not in seen and (kind not in ("word", "number") or kind not in seen):
            seen |= {kind + noun, kind}
            found.append(Told(draw, kind, noun))
    return found


def recall(draw: Draw, distance: int | None = None) -> Item:
    """Tell facts, talk of other things, and ask for one fact; `distance` asks for so many characters between."""
    told = facts(draw, draw.pick((1, 1, 2, 2, 3, 4)))
    wanted = draw.pick(told)
    history: list[Message] = []
    if draw.chance(0.3) and len(told) > 1:
        history += [say("user", draw.pick((" ", " ", " And ", " Also: ")).join(t.tell for t in told)), say("assistant", draw.pick(ACKS))]
    else:
        for t in told:
            history += [say("user", t.tell), say("assistant", draw.pick(ACKS))]
            if draw.chance(0.2):
                history += filler(draw)
    if distance is None:
        roll = draw.rng.random()
        if roll < (0.05 if draw.family == "m2" else 0.2):
            # Sparse attention finds what is far away only after much practice.
            distance = draw.number(600, 4500) if draw.family == "m2" or draw.chance(0.3) else draw.number(500, 2000)
        elif roll < (0.06 if draw.family == "m2" else 0.21):
            distance = draw.number(4500, 10000)
        else:
            distance = draw.pick((0, 0, 40, 120))
    length = 0
    while length < distance:
        turns = filler(draw)
        history += turns
        length += sum(len(turn["content"]) + 12 for turn in turns)
    user = wanted.ask
    if distance == 0 and draw.chance(0.15):
        # The fact and the question in one message.
        history, user = [], " ".join(t.tell for t in told) + " " + wanted.ask
    if draw.chance(0.08):
        user = user.rstrip("?.") if draw.chance(0.5) else user.lower()
    thought = f"The user said: {wanted.tell}"
    return Item(user, thought, wanted.answer, hard=True, history=history, check={"contains": [wanted.value]})


def unknown(draw: Draw) -> Item:
    """Ask for a fact that was never told."""
    wanted, other = facts(draw, 2)
    history = [say("user", other.tell), say("assistant", draw.pick(ACKS))] if draw.chance(0.6) else []
    answer = "You have not told me that."
    return Item(wanted.ask, "The user did not say that.", answer, hard=True, history=history, check={"contains": ["not told"]})
