"""Masking of one text as it comes: what could still become a secret is held, all else passes at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from .automaton import Automaton, State
from .charset import WORD, joined
from .pattern import LIMIT
from .rule import AHEAD, CONTEXT, Detector, Rule

_SLACK = 8 * CONTEXT
"""How much decided text may pile up before it is cut away; cutting at every frame would cost more."""


class Found(NamedTuple):
    """A secret: the places of its first character and of the one after its last, and the name of its detector."""

    start: int
    end: int
    detector: str


class Machine:
    """Detectors made ready: all their patterns as one automaton, and an expression for where matches may begin."""

    def __init__(self, detectors: Sequence[Detector], labels: bool) -> None:
        ruled = [(detector, rule) for detector in detectors for rule in detector.rules]
        self.rules: list[Rule] = [rule for _, rule in ruled]
        self.names = [detector.name for detector, _ in ruled]
        self.stand_ins = [f"[{detector.label}]" if labels else "***" for detector, _ in ruled]
        self.automaton = Automaton([rule.pattern for rule in self.rules])
        self.begin = _beginnings(self.automaton).search


def _beginnings(automaton: Automaton) -> re.Pattern[str]:
    """Return the expression that finds where a match may begin: never within a word of ASCII letters."""
    firsts = automaton.firsts()
    single = {letter for first in firsts for letter in first.single}
    inside = "".join(re.escape(letter) for letter in sorted(single) if letter in WORD)
    other = "".join(re.escape(letter) for letter in sorted(single) if letter not in WORD)
    other += "".join(f"{re.escape(low)}-{re.escape(high)}" for first in firsts for low, high in first.ranges)
    forms = [f"(?<![0-9A-Za-z_])[{inside}]"] if inside else []
    if any(first.negated for first in firsts):
        return re.compile("(?s).")
    forms += [f"[{other}]"] if other else []
    return re.compile("|".join(forms) or r"(?!)")


class TextMask:
    """Masks one text that comes in pieces; the pieces it gives, joined, do not depend on how it came.

    `before` is text that stands before the first piece and is not given out: it counts as context. `spans` grows by
    each secret that is masked, places counted from the first piece's first character; whoever reads it may empty it.
    """

    __slots__ = (
        "_accepts",
        "_at",
        "_base",
        "_buffer",
        "_machine",
        "_masked_to",
        "_scan",
        "_state",
        "_swallow",
        "spans",
    )

    def __init__(self, machine: Machine, before: str = "") -> None:
        self._machine = machine
        self._buffer = before[-CONTEXT:]
        self._at = self._scan = len(self._buffer)
        self._base = -self._at
        self._masked_to = -1
        self._state: State | None = None
        self._accepts: list[tuple[int, tuple[int, ...]]] = []
        self._swallow: tuple[re.Pattern[str], str] | None = None
        self.spans: list[Found] = []

    @property
    def decided(self) -> int:
        """How many characters of the text are passed or masked; the rest is held."""
        return self._base + self._at

    @property
    def held(self) -> int:
        """How many characters are held."""
        return len(self._buffer) - self._at

    def feed(self, text: str) -> str:
        """Take a piece; return what is certain now."""
        return self._read(text, last=False)

    def finish(self) -> str:
        """Return what is held, masked as the end of the text; what comes after that is a new text with this context."""
        return self._read("", last=True)

    def _read(self, text: str, *, last: bool) -> str:
        machine = self._machine
        if self._at > _SLACK:
            self._cut()
        buffer = self._buffer + text
        size = len(buffer)
        at, scan, state, accepts = self._at, self._scan, self._state, self._accepts
        begin, dead = machine.begin, machine.automaton.dead
        self._buffer = buffer
        out: list[str] = []
        passed = at
        if self._swallow is not None:
            passed = at = self._swallowed(buffer, at, *self._swallow)
        while True:
            if state is None:
                start = begin(buffer, at)
                if start is None:
                    at = size
                    break
                at = scan = start.start()
                state = machine.automaton.start
            stop = at + LIMIT
            if stop > size:
                stop = size
            while scan < stop:
                following = state[buffer[scan]]
                if following is dead:
                    break
                state = following
                scan += 1
                if state.accepts:
                    accepts.append((scan, state.accepts))
            else:
                if stop < at + LIMIT and not last:
                    break  # more of it may come
            if not accepts:
                state = None
                at += 1
                continue
            if size - accepts[-1][0] < AHEAD and not last:
                break  # the checks want to see what follows
            end, number = self._decide(buffer, at, accepts)
            accepts.clear()
            state = None
            if number < 0:
                at += 1
                continue
            rule = machine.rules[number]
            out.append(buffer[passed:at])
            if not rule.closing:
                out.append(machine.stand_ins[number])
            self._found(self._base + at, self._base + end, machine.names[number])
            swallow = rule.overflow if end - at == LIMIT else rule.body
            passed = at = end
            if swallow is not None:
                passed = at = self._swallowed(buffer, at, swallow, machine.names[number])
        out.append(buffer[passed:at])
        self._at, self._scan, self._state = at, scan, None if last else state
        return "".join(out)

    def _found(self, start: int, end: int, detector: str) -> None:
        """Keep a secret; what goes on where the last one of its detector ended belongs to it."""
        if start == self._masked_to and self.spans and self.spans[-1].detector == detector:
            self.spans[-1] = self.spans[-1]._replace(end=end)
        else:
            self.spans.append(Found(start, end, detector))
        self._masked_to = end

    def _swallowed(self, buffer: str, at: int, swallow: re.Pattern[str], detector: str) -> int:
        """Mask what goes on behind the last match; return where it ends."""
        found = swallow.match(buffer, at)
        end = found.end() if found else at
        self._swallow = (swallow, detector) if end == len(buffer) else None
        if end > at:
            self._found(self._base + at, self._base + end, detector)
        return end

    def _decide(self, buffer: str, at: int, accepts: list[tuple[int, tuple[int, ...]]]) -> tuple[int, int]:
        """Return the end of the longest true match that begins at `at` and its rule's number, or -1 for none."""
        rules = self._machine.rules
        if at and joined(buffer[at - 1], buffer[at]):
            return at, -1
        before = buffer[max(0, at - CONTEXT) : at]
        may_begin: dict[int, bool] = {}
        for end, numbers in reversed(accepts):
            behind: str | None = None
            for number in numbers:
                rule = rules[number]
                if end - at < rule.least:
                    continue
                allowed = may_begin.get(number)
                if allowed is None:
                    allowed = rule.may_begin(before) and (not rule.closing or self._masked_to == self._base + at)
                    may_begin[number] = allowed
                if not allowed:
                    continue
                if behind is None:
                    behind = buffer[end : end + AHEAD]
                    inside = bool(behind) and joined(buffer[end - 1], behind[0])
                if inside and rule.overflow is None:
                    continue
                if rule.check is None or rule.check(buffer[at:end], before, behind):
                    return end, number
        return at, -1

    def _cut(self) -> None:
        """Cut away what is no context any more."""
        cut = self._at - CONTEXT
        self._buffer = self._buffer[cut:]
        self._base += cut
        self._at -= cut
        self._scan -= cut
        self._accepts = [(end - cut, numbers) for end, numbers in self._accepts]
