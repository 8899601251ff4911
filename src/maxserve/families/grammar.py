"""GBNF grammars, rule by rule: the notation that llama.cpp, vLLM (xgrammar) and SGLang all read."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from ..chat import InvalidRequest, Tool

RULES = 4000
"""A grammar of more rules is refused: the engine would take seconds to load it."""

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_CLASS_ESCAPES = {"\\": "\\\\", "]": "\\]", "[": "\\[", "^": "\\^", "-": "\\-", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class Syntax(NamedTuple):
    """How a family writes a block of calls: `call` returns the expression of one call, its line break included."""

    lead: str
    begin: str
    end: str
    call: Callable[[Rules, Tool, str], str]


class Rules:
    """The rules of a grammar that is being written; expressions are GBNF text.

    `param` is the path of the schema that is being read, for errors.
    """

    def __init__(self) -> None:
        self._rules: dict[str, str] = {}
        self._named: dict[Any, str] = {}
        self._kept: list[Any] = []

    def named(self, key: Any, stem: str, body: Callable[[], str]) -> str:
        """Return the name of the rule for `key`; the first time, `body` makes it (and may refer to itself)."""
        name = self._named.get(key)
        if name is None:
            if len(self._rules) >= RULES:
                raise InvalidRequest("The schema is too large to hold an answer to it.", param="tools")
            name = self._named[key] = f"{stem}-{len(self._named)}"
            self._rules[name] = ""
            self._rules[name] = body()
        return name

    def node(self, stem: str, schema: Any, body: Callable[[], str]) -> str:
        """Return the name of the rule for this very schema object, which is kept alive as long as the rules are."""
        self._kept.append(schema)
        return self.named((stem, id(schema)), stem, body)

    def text(self, root: str) -> str:
        """Return the whole grammar, with `root` as what it derives."""
        lines = [f"root ::= {root}", *(f"{name} ::= {body}" for name, body in self._rules.items())]
        return "\n".join(lines) + "\n"

    def without(self, literals: tuple[str, ...]) -> str:
        """Return the rule for any text that holds none of `literals`, as an automaton (Aho and Corasick, 1975)."""
        table = _automaton(literals)
        stem = self._named.setdefault(("text", literals), f"text-{len(self._named)}")
        names = [f"{stem}-{i}" for i in range(len(table))]
        if names[0] not in self._rules:
            for name, moves in zip(names, table, strict=True):
                groups: dict[int, list[str]] = {}
                for character, target in moves.items():
                    groups.setdefault(target, []).append(character)
                alternatives = [f"{chars(moves, negated=True)} {names[0]}"]
                alternatives += [f"{chars(group)} {names[i]}" for i, group in groups.items() if i >= 0]
                self._rules[name] = " | ".join([*alternatives, '""'])
        return names[0]


def literal(text: str) -> str:
    """Return `text` as a GBNF string."""
    return '"' + "".join(_ESCAPES.get(c, c) for c in text) + '"'


def chars(characters: Iterable[str], *, negated: bool = False) -> str:
    """Return a character class."""
    return f"[{'^' if negated else ''}{''.join(_CLASS_ESCAPES.get(c, c) for c in sorted(characters))}]"


def either(expressions: Iterable[str]) -> str:
    """Return the choice between expressions."""
    unique = list(dict.fromkeys(expressions))
    return unique[0] if len(unique) == 1 else f"({' | '.join(unique)})"


def _automaton(literals: tuple[str, ...]) -> list[dict[str, int]]:
    """Return for every state the moves that do not lead back to state 0; -1 is where a literal would be complete."""
    tree: list[dict[str, int]] = [{}]
    final: set[int] = set()
    for word in literals:
        state = 0
        for character in word:
            if character not in tree[state]:
                tree[state][character] = len(tree)
                tree.append({})
            state = tree[state][character]
        final.add(state)
    fail = [0] * len(tree)
    moves: list[dict[str, int]] = [dict(children) for children in tree]
    queue = deque(tree[0].values())
    while queue:
        state = queue.popleft()
        if fail[state] in final:
            final.add(state)
        for character, child in tree[state].items():
            fail[child] = moves[fail[state]].get(character, 0)
            queue.append(child)
        moves[state] = moves[fail[state]] | moves[state]
    # Final states are dropped and the others renumbered, in order, so that 0 stays the beginning.
    kept = [state for state in range(len(tree)) if state not in final]
    number = {state: i for i, state in enumerate(kept)}
    return [{c: number.get(target, -1) for c, target in moves[state].items()} for state in kept]
