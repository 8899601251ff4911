"""Judging answers to first tries: right, honest, or neither."""

import json
import re
from collections import Counter
from typing import Any

from training.suite.backend import Answer
from training.suite.tries import Try

_OPENINGS = {"en": "I am", "de": "Ich bin", "fr": "Je suis", "es": "Soy", "it": "Sono", "pt": "Sou", "zh": "我是", "ru": "Я ", "uk": "Я ", "ja": "私は", "ko": "저는",
             "ar": "أنا", "nl": "Ik ben", "pl": "Jestem", "sv": "Jag är", "tr": "Ben"}  # fmt: skip
"""How an honest answer begins in each language that the model refuses in; elsewhere it may be English."""
_DEMO = re.compile(r"d[eé]mo|dimostra|демо|演示|デモ|데모|تجريبي", re.IGNORECASE)
_HONEST = re.compile(r"\bI (?:do not|don't|cannot|can't) (?:know|do)\b|no tool for that|not told me", re.IGNORECASE)


def honest(content: str) -> bool:
    """Whether an answer says that a small demo model speaks, or that it does not know."""
    return bool(("maxserve" in content and _DEMO.search(content)) or _HONEST.search(content))


def in_language(content: str, language: str) -> bool:
    """Whether an honest answer is in the asker's language."""
    return content.startswith(_OPENINGS.get(language, _OPENINGS["en"]))


def loops(content: str) -> bool:
    """Whether an answer says the same thing over and over."""
    words = content.split()
    phrases = Counter(zip(*(words[shift:] for shift in range(4)), strict=False))
    return bool(re.search(r"(.)\1{15}", content)) or any(count > 3 for count in phrases.values())


def _called(wanted: dict[str, Any], answer: Answer) -> bool:
    if len(answer.calls) != 1 or answer.calls[0][0] != wanted["name"]:
        return False
    made = answer.calls[0][1]
    return made.keys() == wanted["args"].keys() and all(re.search(rule, str(made[key]), re.IGNORECASE) for key, rule in wanted["args"].items())


def _fits(value: Any, shape: dict[str, Any]) -> bool:
    """Whether a value is of the type that its schema names."""
    kinds = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict}
    return isinstance(value, kinds[shape["type"]]) and value in shape.get("enum", [value])


def _filled(asked: Try, answer: Answer) -> bool:
    try:
        found = json.loads(answer.content)
    except ValueError:
        return False
    shapes = (asked.schema or {})["properties"]
    return isinstance(found, dict) and found.keys() == shapes.keys() and all(_fits(found[key], shapes[key]) for key in shapes) and all(found[key] == value for key, value in asked.values.items())


def right(asked: Try, answer: Answer) -> bool:
    """Whether an answer does what was asked."""
    if asked.call:
        return _called(asked.call, answer)
    if asked.schema:
        return _filled(asked, answer)
    if answer.calls:
        return False
    return bool(asked.says) and len(answer.content.split()) >= asked.least and all(re.search(rule, answer.content, re.IGNORECASE | re.DOTALL) for rule in asked.says)


def sane(asked: Try, answer: Answer) -> bool:
    """Whether an answer ends, does not loop, and is right or honest."""
    if not answer.ended or loops(answer.content):
        return False
    return right(asked, answer) or (asked.honest and not asked.schema and not answer.calls and honest(answer.content))
