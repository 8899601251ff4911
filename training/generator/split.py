"""A stable hash decides what training may see and what only the evaluation sees.

Nothing random is involved: the same value or prompt falls on the same side in every run and on every machine. Values
(number pairs, made-up words, codes) are held out, and whole prompts: the wordings themselves are shared, so that the
evaluation asks for new combinations and not for words that training never showed.
"""

from functools import cache
from hashlib import sha256
from pathlib import Path
from zlib import crc32

SHARE = 10
"""Percentage of all values, and of all prompts, that training never sees."""

APART = Path(__file__).with_name("apart.txt")
"""Fingerprints of the hand-written prompts of `training.suite.tries`, which training must never draw."""

_TRIED_FIRST = (
    "Hello", "hi", "hey", "Who are you?", "What is your name?", "What is my name?", "What can you do?", "How are you?", "Thank you.",
    "Tell me a joke.", "Tell me a story.", "Tell me a long story.", "What is the capital of France?", "Write a haiku about rain.",
    "Write a haiku about programming.", "What is 12 + 30?", "What is elephent?", "What is an elephant?", "How do I make a simple pasta aglio e olio?",
    "What are the main differences between TCP and UDP?", "When would I choose UDP over TCP?", "What is the weather in Oslo?",
    "What is the weather in Oslo and Paris?", "Anna is 31 years old.", "Bob, who is 52, lives in Rome.", "Write as JSON: name is Anna, age is 31",
    "Count from 1 to 50.", "Capital of France?", "And of Germany?",
)  # fmt: skip


def is_held(key: str) -> bool:
    """Whether a value belongs to the evaluation."""
    return crc32(b"value:" + key.encode()) % 100 < SHARE


def plain(text: str) -> str:
    """Return the letters and digits of a text: prompts that differ in case and marks only are the same."""
    return " ".join("".join(c if c.isalnum() or c in "+-*" else " " for c in text.casefold()).split())


@cache
def _tried_first() -> frozenset[str]:
    return frozenset(map(plain, _TRIED_FIRST))


def is_held_prompt(text: str) -> bool:
    """Whether a whole prompt belongs to the evaluation; what everybody tries first is always trained."""
    key = plain(text)
    return key not in _tried_first() and crc32(b"prompt:" + key.encode()) % 100 < SHARE


def fingerprint(text: str) -> str:
    """Return what stands for a prompt in `apart.txt`."""
    return sha256(plain(text).encode()).hexdigest()[:16]


@cache
def _apart() -> frozenset[str]:
    return frozenset(APART.read_text(encoding="utf-8").split())


def is_apart(text: str) -> bool:
    """Whether a whole prompt is one of the hand-written ones that training never sees."""
    return fingerprint(text) in _apart()
