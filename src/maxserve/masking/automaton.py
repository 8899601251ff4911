"""All patterns at once as one machine that reads each character once.

The machine is the set of places in all patterns that the text may stand at (Glushkov's construction); sets are made
into states when text first leads there, and kept. Reading a character is then one look-up.
"""

from __future__ import annotations

from collections.abc import Sequence

from .charset import Charset
from .pattern import Pattern

_MOST_STATES = 5_000


class State(dict[str, "State"]):
    """Where a text stands: the next state by the next character, the empty state `dead` where no pattern goes on.

    `accepts` are the numbers of the patterns that the text read so far matches.
    """

    __slots__ = ("_automaton", "_next", "accepts")

    def __init__(self, automaton: Automaton, following: frozenset[int], accepts: tuple[int, ...]) -> None:
        super().__init__()
        self._automaton = automaton
        self._next = following
        self.accepts = accepts

    def __missing__(self, letter: str) -> State:
        automaton = self._automaton
        if letter not in automaton.alphabet:
            # Letters that no pattern names are alike but for the ranges they lie in: one entry serves for all of them.
            letter = automaton.kind(letter)
            if letter in self:
                return self[letter]
        state = automaton.state(frozenset(p for p in self._next if letter in automaton.places[p]))
        self[letter] = state
        return state


class Automaton:
    """The machine of `patterns`; `start` is its state before the first character of a match."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self.places: list[Charset] = []
        self._follow: list[frozenset[int]] = []
        self._ends: dict[int, int] = {}
        first: set[int] = set()
        for number, pattern in enumerate(patterns):
            base = len(self.places)
            self.places += pattern.places
            self._follow += [frozenset(base + place for place in follow) for follow in pattern.follow]
            self._ends |= {base + place: number for place in pattern.last}
            first |= {base + place for place in pattern.first}
        self._first = frozenset(first)
        self.alphabet = frozenset(chr(code) for code in range(128)).union(*(place.single for place in self.places))
        self._ranges = sorted({bounds for place in self.places for bounds in place.ranges})
        self._states: dict[frozenset[int], State] = {}
        self._kinds: dict[tuple[bool, ...], str] = {}
        self.dead = State(self, frozenset(), ())
        self.start = State(self, self._first, ())

    def firsts(self) -> list[Charset]:
        """Return the sets of characters that matches begin with."""
        return [self.places[place] for place in self._first]

    def kind(self, letter: str) -> str:
        """Return the character that stands for all that no pattern names and that lie in the same ranges."""
        return self._kinds.setdefault(tuple(low <= letter <= high for low, high in self._ranges), letter)

    def state(self, places: frozenset[int]) -> State:
        """Return the state of a text that stands at these places."""
        if not places:
            return self.dead
        found = self._states.get(places)
        if found is None:
            if len(self._states) >= _MOST_STATES:
                # Text made to visit many states must not fill the memory; what still reads goes on in its old states.
                self._states.clear()
                self.start = State(self, self._first, ())
            following = frozenset().union(*(self._follow[place] for place in places))
            accepts = tuple(sorted({self._ends[place] for place in places if place in self._ends}))
            found = self._states[places] = State(self, following, accepts)
        return found
