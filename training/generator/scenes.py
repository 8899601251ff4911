"""The scene of a conversation (group), and conversations in which every special role occurs."""

from training.generator import words
from training.generator.capitals import capital
from training.generator.draw import Draw
from training.generator.item import Item, Message, say
from training.generator.languages import hello
from training.generator.personas import asked, messages, persona

_PLACES = ("in a café in {c}", "at the market of {c}", "on a train to {c}", "in the castle of {p}", "on the ship {p}", "in the garden of {p}", "at {p}'s house",
           "on the planet {p}", "by the river {p}", "in a hotel in {c}", "in the old library of {c}", "on the bridge of the {p}", "at a school in {c}",
           "in the forest of {p}", "in the kitchen of {p}", "in a village near {c}", "at the harbour of {c}", "on the road to {c}", "in the tavern {p}")  # fmt: skip
_EVENTS = ("{p} is playing the piano", "there is a party for {p}", "everyone is waiting for {p}", "a storm is coming", "we are having dinner", "the ship is sinking",
           "{p} and {q} are dancing", "{p} is cooking {f}", "a thief has taken the {w}", "{p} is telling a story", "the {w} is on fire", "a trial is held",
           "{p} and {q} are getting married", "it is raining {f}", "we are looking for the {w}", "{p} has lost a {w}", "{p} sells {f}", "a dragon guards the {w}")  # fmt: skip
_TIMES = ("midnight", "noon", "early morning", "late evening", "a winter night", "a summer day", "dawn", "autumn", "Sunday", "the year {d}", "Monday morning")
_SKIES = ("raining", "snowing", "very hot", "cold", "windy", "foggy", "sunny", "dark", "warm")
_TELL = {
    "place": ("We are {v}.", "{V}.", "Everyone is {v}.", "You and the user are {v}.", "The scene is {v}.", "{V}, as always."),
    "event": ("{V}.", "Right now {v}.", "At the moment {v}."),
    "time": ("It is {v}.", "The time: {v}."),
    "sky": ("Outside it is {v}.", "The weather: {v}."),
    "people": ("{v} are here.", "Present: {v}.", "{v} are with us.", "With {v}."),
}  # fmt: skip
_ASK = {
    "place": ("Where are we?", "Where are we now?", "What is this place?", "Where am I?", "Tell me where we are.", "Where is this?", "In what place are we?",
              "Where does this take place?"),
    "event": ("What is going on here?", "What is happening?", "What's going on?", "What is happening here?", "Tell me what is going on.", "What happens here?"),
    "time": ("What time is it?", "When does this take place?", "What time is it here?", "When is this?", "Which time is it?"),
    "sky": ("How is the weather?", "What is the weather like?", "How is the weather here?", "What's the weather like?"),
    "people": ("Who is here?", "Who else is here?", "Who is with us?", "Who is present?", "Tell me who is here."),
    "name": ("What is this place called?", "What is the name of this scene?", "Where are we?", "What is this group called?", "What is our group called?"),
}  # fmt: skip
_ANSWER = {"place": "We are {v}.", "event": "{V}.", "time": "It is {v}.", "sky": "It is {v}.", "people": "{v} are here.", "name": "This is {v}."}
_TITLES = ("Harbour of {p}", "The {w} of {p}", "Castle {p}", "{p}'s kitchen", "Tavern {p}", "{c} by night", "The {w} club", "Friends of {p}", "{p} and {q}", "The old {w}")


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _scene(draw: Draw) -> tuple[list[Message], dict[str, tuple[str, str]]]:
    """Return a group message and its facts: value and the sentence that tells it."""
    def fill(form: str) -> str:
        thing = draw.word() if draw.chance(0.3) else draw.pick(words.NOUNS)
        return form.format(c=draw.city(), p=draw.proper(), q=draw.proper(), w=thing, d=draw.digits(4, 4), f=draw.pick(words.FOODS))

    facts: dict[str, tuple[str, str]] = {}
    name = fill(draw.pick(_TITLES)) if draw.chance(0.3) else None
    if name and draw.chance(0.35):
        return [say("group", "", name)], {"name": (name, f"Scene: {name}")}
    sentences = []
    for key in draw.sample(("place", "event", "time", "sky", "people"), draw.pick((1, 1, 2, 2, 3))):
        if key == "people":
            value = f"{draw.proper()} and {draw.proper()}"
        elif key == "sky":
            value = draw.pick(_SKIES)
        else:
            value = fill(draw.pick({"place": _PLACES, "event": _EVENTS, "time": _TIMES}[key]))
        sentences.append(draw.pick(_TELL[key]).format(v=value, V=_capital(value)))
        facts[key] = (value, sentences[-1])
    return [say("group", " ".join(sentences), name)], facts


def _asked(draw: Draw, facts: dict[str, tuple[str, str]]) -> Item:
    key = draw.pick(tuple(facts))
    value, told = facts[key]
    user = draw.phrase(_ASK[key])
    if draw.chance(0.3):
        user = draw.dressed(user)
    thought = told if key == "name" else f"Scene: {told}"
    return Item(user, thought, _ANSWER[key].format(v=value, V=_capital(value)), hard=True, check={"contains": [value]})


def group(draw: Draw) -> Item:
    """Ask about the scene that a group message sets."""
    special, facts = _scene(draw)
    item = _asked(draw, facts)
    item.special = special
    if draw.chance(0.3):
        item.system = draw.pick(("You are a helpful assistant.", "Play along.", "You are a storyteller.", "Be friendly.", "Answer briefly."))
    return item


def cast(draw: Draw) -> Item:
    """Put personas and a scene together, and ask for a fact of any of them, or something plain."""
    me, user = persona(draw, True), persona(draw, False)
    scene, facts = _scene(draw)
    parts = draw.sample(("me", "user", "scene"), draw.pick((2, 2, 3)))
    wanted = draw.pick(parts)
    if draw.chance(0.2):
        item = draw.pick((capital, hello))(draw)
        item.check.pop("language", None)
    else:
        item = asked(draw, me) if wanted == "me" else asked(draw, user) if wanted == "user" else _asked(draw, facts)
    special = messages(draw, user) * ("user" in parts) + scene * ("scene" in parts)
    if "me" in parts:
        special.insert(0, say("system", me.text))
    if draw.chance(0.15):
        draw.rng.shuffle(special)
    item.special, item.system = special, None
    return item

