"""What a prompt and an answer may not say, and what becomes of it: the settings of sensitivity made ready for use."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from ..chat import CATEGORIES, Category, Message, Request, TextPart
from ..masking.pattern import Pattern, PatternError
from ..masking.rule import Detector, Rule
from ..masking.text import Machine, TextMask
from ..masking.unescape import unescaped
from .category_filter import CategoryFilter, CategoryScanner

Action = Literal["flag", "block"]

_encode = msgspec.json.Encoder().encode


class SensitivityPolicy:
    """Which categories are looked for in prompts and in answers, and whether finding one is told or blocks.

    `prompt` and `answer` give an action per category; `patterns` are lines `CATEGORY=PATTERN`, found as whole words
    and in any case. `judged` are the categories that somebody else judges, too (a moderation endpoint). Raises
    `ValueError` for a category or pattern that will not do, and where nobody would ever find what is to be found.
    """

    def __init__(
        self,
        *,
        prompt: Mapping[str, Action] | None = None,
        answer: Mapping[str, Action] | None = None,
        patterns: Sequence[str] = (),
        judged: Collection[Category] = (),
    ) -> None:
        self.prompt = _actions(prompt or {})
        self.answer = _actions(answer or {})
        self.judged = frozenset(judged)
        rules: dict[Category, list[Rule]] = {}
        for line in patterns:
            name, rule = _rule(line)
            rules.setdefault(name, []).append(rule)
        wanted = {**self.prompt, **self.answer}
        for name in rules:
            if name not in wanted:
                raise ValueError(f"There is a pattern for {name!r}, but no action: neither prompt nor answer names it.")
        for name in wanted:
            if name not in rules and name not in self.judged:
                raise ValueError(f"Nothing finds {name!r}: there is no pattern for it, and no endpoint tells it.")
        self._machines = {
            # Each category has its own machine, as matches of two may overlap.
            name: Machine((Detector(name, name.upper(), tuple(rules[name])),), labels=False)
            for name in CATEGORIES
            if name in rules
        }

    @property
    def active(self) -> bool:
        """Whether anything is looked for."""
        return bool(self.prompt or self.answer)

    def find(self, texts: Iterable[str], actions: Mapping[Category, Action]) -> set[Category]:
        """Return those categories of `actions` whose patterns are in one of the texts."""
        machines = [(name, machine) for name, machine in self._machines.items() if name in actions]
        found: set[Category] = set()
        if machines:
            for text in texts:
                for name, machine in machines:
                    if name not in found and _holds(machine, text):
                        found.add(name)
        return found

    def watch(self) -> CategoryFilter | None:
        """Return what looks for the patterns in one answer, None where there are none for answers."""
        lookers = [
            CategoryScanner(CATEGORIES[name], self.answer[name] == "block", machine)
            for name, machine in self._machines.items()
            if name in self.answer
        ]
        return CategoryFilter(lookers) if lookers else None


def texts(request: Request) -> list[str]:
    """Return everything that a chat request says: its messages, thoughts and calls, and what its tools are."""
    said: list[str] = []
    for message in request.messages:
        said += _said(message)
    for tool in request.tools:
        said += [tool.name, tool.description or "", _encode(tool.parameters).decode()]
    return [text for text in said if text]


def _said(message: Message) -> list[str]:
    content = message.content
    said = [message.name or "", message.reasoning]
    said += [content] if isinstance(content, str) else [part.text for part in content if isinstance(part, TextPart)]
    return said + [unescaped(call.arguments) for call in message.tool_calls]


def _holds(machine: Machine, text: str) -> bool:
    mask = TextMask(machine)
    mask.feed(text)
    mask.finish()
    return bool(mask.spans)


def _actions(given: Mapping[str, Action]) -> dict[Category, Action]:
    for name in given:
        _category(name)
    return {name: given[name] for name in CATEGORIES if name in given}


def _rule(line: str) -> tuple[Category, Rule]:
    name, equals, form = line.partition("=")
    if not equals:
        raise PatternError(f"{line!r} is not of the form CATEGORY=PATTERN.")
    return _category(name.strip()), Rule(Pattern.checked(form).text, ignore_case=True)


def _category(name: str) -> Category:
    for known in CATEGORIES:
        if known == name:
            return known
    raise ValueError(f"There is no category {name!r}; there are {', '.join(CATEGORIES)}.")
