"""Small turns that fill the space between a fact and its question, and histories before any task."""

from training.generator.bank import SMALL_TALK
from training.generator.capitals import ASK, bare, draw_country, sentence
from training.generator.draw import Draw
from training.generator.item import Message, say


def filler(draw: Draw) -> list[Message]:
    """Return a question and its answer that have nothing to do with anything told before."""
    roll = draw.rng.random()
    if roll < 0.35:
        country = draw_country(draw)
        question = draw.phrase(ASK).format(c=country.name, C=bare(country.name))
        return [say("user", question), say("assistant", sentence(country))]
    if roll < 0.55:
        _, a, b = draw.fresh(lambda: ("+", draw.number(1, 99), draw.number(1, 99)))
        return [say("user", f"What is {a} + {b}?"), say("assistant", f"{a} + {b} = {a + b}")]
    if roll < 0.75:
        phrase = draw.text()
        return [say("user", f"Repeat: {phrase}"), say("assistant", phrase)]
    questions, answers = draw.pick(SMALL_TALK)
    return [say("user", draw.phrase(questions)), say("assistant", draw.pick(answers))]
