"""Marking an answer: right or wrong, by what the example's check asks."""

import json
import re
from collections.abc import Callable
from typing import Any

from training.generator.haiku import LINES
from training.suite.backend import Answer

Check = dict[str, Any]


def same(left: Any, right: Any) -> bool:
    """Whether two JSON values are equal; true is not 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))
    return bool(left == right)


def holds(text: str, part: str, exact_case: bool) -> bool:
    """Whether a text holds a part as whole words."""
    if not exact_case:
        text, part = text.lower(), part.lower()
    at = text.find(part)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(part) : at + len(part) + 1]
        wide = ord(part[0]) > 0x2E80
        if wide or not ((before.isalnum() and part[0].isalnum()) or (after.isalnum() and part[-1].isalnum())):
            return True
        at = text.find(part, at + 1)
    return False


def right(check: Check, answer: Answer) -> bool:
    """Whether an answer does all that its check asks."""
    return answer.ended and all(rule(check[name], check, answer) for name, rule in RULES.items() if name in check)


def _number(value: int, check: Check, answer: Answer) -> bool:
    found = re.findall(r"-?\d+", answer.content.replace(" - ", " minus ").replace("\u2212", "-"))
    return bool(found) and int(found[-1]) == value


def _calls(value: list[dict[str, Any]], check: Check, answer: Answer) -> bool:
    wanted = [(c["function"]["name"], c["function"]["arguments"]) for c in value]
    return len(wanted) == len(answer.calls) and all(
        a == b and same(x, y) for (a, x), (b, y) in zip(wanted, answer.calls, strict=True)
    )


def _json(value: dict[str, Any], check: Check, answer: Answer) -> bool:
    try:
        return same(json.loads(answer.content), value)
    except ValueError:
        return False


def _haiku(topic: str, check: Check, answer: Answer) -> bool:
    lines = [line.strip() for line in answer.content.strip().splitlines()]
    return len(lines) == 3 and all(line in known for line, known in zip(lines, LINES[topic], strict=True))


def _words(most: int, check: Check, answer: Answer) -> bool:
    return 0 < len(answer.content.split()) <= most


RULES: dict[str, Callable[[Any, Check, Answer], bool]] = {
    "contains": lambda value, check, answer: all(holds(answer.content, part, bool(check.get("case"))) for part in value),
    "case": lambda value, check, answer: not value or answer.content == answer.content.upper(),
    "any": lambda value, check, answer: answer.content.strip() in value,
    "exact": lambda value, check, answer: answer.content.strip() == value,
    "number": _number,
    "calls": _calls,
    "nocall": lambda value, check, answer: not answer.calls and bool(answer.content),
    "json": _json,
    "haiku": _haiku,
    "words": _words,
    "sentences": lambda value, check, answer: len(re.findall(r"[.!?](?:\s|$)", answer.content)) == value,
    "ends": lambda value, check, answer: any(answer.content.rstrip(marks).endswith(value) for marks in (" ", " .!")),
    "begins": lambda value, check, answer: answer.content.startswith(value),
    "longer": lambda value, check, answer: len(answer.content.split()) >= value,
}
