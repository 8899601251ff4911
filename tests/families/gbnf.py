"""Draws texts from a GBNF grammar: what an engine that obeys it could write."""

from __future__ import annotations

import re
from random import Random
from typing import Any

TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:\\.|[^"\\])*")|(?P<chars>\[(?:\\.|[^\]\\])*\])|(?P<name>[a-zA-Z][a-zA-Z0-9-]*)
    |(?P<times>[*+?]|\{\d+(?:,\d*)?\})|(?P<mark>[()|]))""",
    re.VERBOSE,
)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


def _unescape(text: str) -> list[str]:
    out, i = [], 0
    while i < len(text):
        if text[i] != "\\":
            out.append(text[i])
            i += 1
        elif text[i + 1] == "x":
            out.append(chr(int(text[i + 2 : i + 4], 16)))
            i += 4
        else:
            out.append(ESCAPES.get(text[i + 1], text[i + 1]))
            i += 2
    return out


class Grammar:
    """A parsed grammar; `draw` gives one text of its language, and stops growing it after `limit` steps."""

    def __init__(self, text: str) -> None:
        self._rules: dict[str, Any] = {}
        for line in text.strip().split("\n"):
            name, body = line.split(" ::= ", 1)
            tokens, at = [], 0
            body = body.strip()
            while at < len(body):
                match = TOKEN.match(body, at)
                assert match, f"not GBNF: {body[at : at + 60]}"
                tokens.append((match.lastgroup, match[match.lastgroup or 0]))
                at = match.end()
            self._tokens = tokens
            self._rules[name] = self._choice()
            assert not self._tokens, f"not GBNF: {self._tokens[:3]} left of {name}"
        for rule in self._rules.values():
            self._check(rule)

    def _choice(self) -> Any:
        branches = [self._sequence()]
        while self._tokens and self._tokens[0] == ("mark", "|"):
            self._tokens.pop(0)
            branches.append(self._sequence())
        return ("choice", branches)

    def _sequence(self) -> Any:
        items = []
        while self._tokens and self._tokens[0] not in (("mark", "|"), ("mark", ")")):
            kind, text = self._tokens.pop(0)
            if text == "(":
                item = self._choice()
                assert self._tokens.pop(0) == ("mark", ")")
            elif kind == "string":
                item = ("string", "".join(_unescape(text[1:-1])))
            elif kind == "chars":
                item = ("chars", text)
            else:
                item = ("rule", text)
            while self._tokens and self._tokens[0][0] == "times":
                times = self._tokens.pop(0)[1]
                if times in "*+?":
                    low, high = {"*": (0, None), "+": (1, None), "?": (0, 1)}[times]
                else:
                    first, comma, last = times[1:-1].partition(",")
                    low, high = int(first), (int(last) if last else None) if comma else int(first)
                item = ("times", item, low, high)
            items.append(item)
        return ("sequence", items)

    def _check(self, node: Any) -> None:
        kind = node[0]
        if kind == "rule":
            assert node[1] in self._rules, f"no rule {node[1]}"
        elif kind in ("choice", "sequence"):
            for item in node[1]:
                self._check(item)
        elif kind == "times":
            self._check(node[1])

    def draw(self, rng: Random, alphabet: str, limit: int = 60) -> str:
        self._steps = 0
        out: list[str] = []
        stack: list[Any] = [self._rules["root"]]
        while stack:
            kind, *rest = stack.pop()
            self._steps += 1
            tired = self._steps > limit
            if kind == "string":
                out.append(rest[0])
            elif kind == "chars":
                out.append(self._char(rest[0], rng, alphabet))
            elif kind == "rule":
                stack.append(self._rules[rest[0]])
            elif kind == "sequence":
                stack += reversed(rest[0])
            elif kind == "choice":
                stack.append(min(rest[0], key=_weight) if tired else rng.choice(rest[0]))
            else:
                item, low, high = rest
                most = low if tired else min(low + 3, low + 3 if high is None else high)
                stack += [item] * rng.randint(low, most)
            assert self._steps < 100_000, "the grammar does not come to an end"
        return "".join(out)

    def _char(self, text: str, rng: Random, alphabet: str) -> str:
        inner = text[1:-1]
        negated = inner.startswith("^")
        listed = _ranges(inner[1:] if negated else inner)
        if negated:
            return rng.choice([c for c in alphabet if not any(low <= c <= high for low, high in listed)])
        low, high = rng.choice(listed)
        return chr(rng.randint(ord(low), ord(high)))


def _ranges(text: str) -> list[tuple[str, str]]:
    parts = re.findall(r"\\x..|\\.|[^\\]", text, re.DOTALL)
    out, i = [], 0
    while i < len(parts):
        low = _unescape(parts[i])[0]
        if i + 2 < len(parts) and parts[i + 1] == "-":
            out.append((low, _unescape(parts[i + 2])[0]))
            i += 3
        else:
            out.append((low, low))
            i += 1
    return out


def _weight(node: Any) -> int:
    """How far a branch leads away from the end: rules last, what is empty first."""
    kind, *rest = node
    if kind == "sequence":
        return sum(_weight(item) for item in rest[0])
    if kind == "choice":
        return min(_weight(item) for item in rest[0])
    if kind == "times":
        return rest[1] * _weight(rest[0])
    return {"string": len(rest[0]) > 0, "chars": 1, "rule": 20}[kind]
