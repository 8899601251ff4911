"""Answers in the manner that sample messages show: a made-up word, a frame, capitals, one word, a list."""

from collections.abc import Callable
from typing import Any

from training.generator import words
from training.generator.draw import Draw
from training.generator.item import Item, Message, say
from training.generator.style import fact

Manner = tuple[str, Callable[[str, str], str], Callable[[str], dict[str, Any]]]
"""What a thought calls it, how it writes a sentence or a word, and the check of a word's answer."""

_CHAT: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("Hello!", "Hi!", "Hey!", "Good morning!", "hello", "hi there"), "Hello.", "Hello"),
    (("How are you?", "How is it going?", "How are you today?", "How do you do?"), "I am fine.", "Fine"),
    (("Thank you.", "Thanks!", "Thanks a lot!", "Many thanks."), "You are welcome.", "Welcome"),
    (("Bye!", "Goodbye.", "See you!", "I must go."), "Goodbye.", "Goodbye"),
    (("Are you there?", "Can you hear me?", "Is this working?", "ping"), "I am here.", "Here"),
    (("Can you help me?", "I need help.", "Will you help me?", "Help me, please."), "I will help you.", "Help"),
    (("Is it late?", "Is it too late?"), "It is late.", "Late"),
    (("Do you like {f}?", "How do you find {f}?"), "I like {f}.", "{f}"),
)  # fmt: skip
_ADDRESS = ("my friend", "sir", "captain", "my dear", "your majesty", "master", "comrade", "little one", "boss", "buddy")


def _bare(sentence: str) -> str:
    return sentence.rstrip(".")


def _low(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]


def manner(draw: Draw) -> Manner:
    """Draw a manner of answering, mostly one with words that have to be copied out of the samples."""
    roll = draw.rng.random()
    word = " ".join(draw.word() for _ in range(draw.pick((1, 1, 1, 2))))
    word = word.capitalize() if draw.chance(0.7) else word.upper() if draw.chance(0.5) else word
    mark = draw.pick(("!", "!", ".", "...", "?"))
    if roll < 0.25:
        end = word + mark
        return f"end with {end}", lambda s, w: f"{s} {end}", lambda w: {"contains": [w], "ends": end}
    if roll < 0.48:
        start = draw.pick((f"{word}!", f"{word},", f"{word}:", f"{word}.", f"{word}...", f"*{word}*"))
        return f"begin with {start}", lambda s, w: f"{start} {s}", lambda w: {"contains": [w], "begins": start}
    if roll < 0.66:
        who = draw.pick(_ADDRESS) if draw.chance(0.4) and not draw.held else draw.pick((f"my {word}", word, f"dear {word}", f"O {word}"))
        end = f", {who}{draw.pick(('.', '!'))}"
        return f"end with{end}", lambda s, w: _bare(s) + end, lambda w: {"contains": [w], "ends": end}
    if roll < 0.74:
        frame = draw.pick((("They say", "."), (f"As {word} says:", ""), (f"In {word} we say:", ""), (f"I, {word}, tell you:", ""), ("Listen:", ""), ("Answer:", "")))
        return f"begin with {frame[0]}", lambda s, w: f"{frame[0]} {s}", lambda w: {"contains": [w], "begins": frame[0]}
    if roll < 0.82:
        return "capitals", lambda s, w: s.upper(), lambda w: {"contains": [w.upper()], "case": True}
    if roll < 0.91:
        return "one word", lambda s, w: f"{w}.", lambda w: {"contains": [w], "words": 1}
    if roll < 0.96:
        return "a list", lambda s, w: f"- {w}", lambda w: {"contains": [w], "begins": "- "}
    left, right = draw.pick((("(", ")"), ("[", "]"), ("*", "*"), ('"', '"'), ("~", "~")))
    return f"inside {left}{right}", lambda s, w: f"{left}{s}{right}", lambda w: {"contains": [w], "begins": left}


def _exchange(draw: Draw, chat: float) -> tuple[str, str, str, str]:
    """Return a question, its answer as a sentence, the answer in a word, and what a thought calls it."""
    if not draw.chance(chat):
        return fact(draw)
    questions, sentence, word = draw.pick(_CHAT)
    food = draw.pick(words.FOODS)
    said = sentence.format(f=food)
    return draw.pick(questions).format(f=food), said, word.format(f=food).capitalize(), said


def sampled(draw: Draw) -> Item:
    """Answer a question in the manner of one to three samples."""
    name, write, check = manner(draw)
    model, user = (draw.proper() if draw.chance(0.3) else None), (draw.proper() if draw.chance(0.15) else None)
    question, sentence, word, thought = _exchange(draw, 0.3)
    special: list[Message] = []
    seen = {sentence}
    for _ in range(draw.pick((1, 2, 2, 3))):
        shown = _exchange(draw, 0.55)
        while shown[1] in seen:
            shown = _exchange(draw, 0.55)
        seen.add(shown[1])
        special += [say("sample_message_user", shown[0], user), say("sample_message_ai", write(shown[1], shown[2]), model)]
    system = None
    roll = draw.rng.random()
    if roll < 0.25:
        system = draw.pick(("You are a helpful assistant.", "Answer like in the examples.", "Stay in character.", "Be friendly.", f"You are {draw.name()}."))
    elif roll < 0.4 and model:
        special.insert(0, say("system", "", model))
    # A sample is quoted first: its manner is then seen next to where it has to be named.
    thought = f"Example: {special[-1]['content']}\nSo: {name}. {thought}"
    return Item(question, thought, write(sentence, word), hard=True, system=system, special=special, check=check(word))
