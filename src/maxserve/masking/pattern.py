"""A pattern for secrets: the part of regular expressions that a stream can be held against in one pass.

Literals, `.` (anything but a line break), `[classes]`, `(groups)`, `|`, `?`, `*`, `+`, `{m}`, `{m,n}`, `{m,}`, `\\d`,
`\\w`, `\\s` (all three of ASCII, `\\s` with the no-break and the ideographic space) and `\\` before a sign. No
lookaround, no back references: what is left needs no backtracking, so no pattern can run away.
"""

from __future__ import annotations

from .charset import DIGITS, SPACE, WORD, Charset, letters

LIMIT = 256
"""The most characters of one match, and so the most that is ever held back."""

_MOST_PLACES = 1024
_SHORTEST_LITERAL = 2
_CLASSES = {"d": DIGITS, "w": WORD, "s": SPACE}
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r"}


class PatternError(ValueError):
    """A pattern that cannot be read, or that would match too much; the message is a sentence for its writer."""


class Fragment:
    """A part of a pattern over the places of `Pattern`: where it may begin and end, and what it can be.

    `longest` counts characters, None = without end. `literal` is a fixed text that every match of the fragment holds,
    `opening` and `closing` are those that every match begins and ends with; `whole` says that there is nothing else.
    """

    __slots__ = ("closing", "empty", "first", "last", "literal", "longest", "opening", "whole")

    def __init__(
        self,
        first: frozenset[int] = frozenset(),
        last: frozenset[int] = frozenset(),
        *,
        empty: bool = True,
        longest: int | None = 0,
        literal: str = "",
        whole: bool = True,
    ) -> None:
        self.first = first
        self.last = last
        self.empty = empty
        self.longest = longest
        self.literal = self.opening = self.closing = literal
        self.whole = whole

    def may_be_missing(self) -> None:
        """Make the fragment optional."""
        self.empty, self.whole = True, False
        self.literal = self.opening = self.closing = ""


class Pattern:
    """A parsed pattern: numbered places, each with the characters it takes, and which place may follow which.

    `first` and `last` are the places where a match may begin and end; `longest` is the most characters that a match
    has, `LIMIT` where the pattern sets no end; `literal` a fixed text that every match holds. Raises `PatternError`.
    """

    __slots__ = ("_at", "_fold", "first", "follow", "last", "literal", "longest", "places", "text")

    def __init__(self, text: str, *, ignore_case: bool = False) -> None:
        self.text = text
        self.places: list[Charset] = []
        self.follow: list[set[int]] = []
        self._at = 0
        self._fold = ignore_case
        whole = self._alternatives()
        if self._at < len(text):
            raise PatternError(f"{text!r} has a closing bracket too many at character {self._at + 1}.")
        if whole.empty:
            raise PatternError(f"{text!r} would match nothing at all; every match must hold a character.")
        self.first, self.last, self.literal = whole.first, whole.last, whole.literal
        self.longest = LIMIT if whole.longest is None else whole.longest
        if self.longest > LIMIT:
            raise PatternError(f"{text!r} can match {self.longest} characters; {LIMIT} are the most.")

    @staticmethod
    def checked(text: str) -> Pattern:
        """Return a user's pattern; raises `PatternError` also where it holds no fixed text to know its matches by."""
        pattern = Pattern(text)
        if len(pattern.literal) < _SHORTEST_LITERAL:
            raise PatternError(
                f"{text!r} matches too much: a match must hold a fixed text of {_SHORTEST_LITERAL} characters or more."
            )
        return pattern

    def _alternatives(self) -> Fragment:
        found = self._sequence()
        while self._peek() == "|":
            self._at += 1
            other = self._sequence()
            endless = found.longest is None or other.longest is None
            found = Fragment(
                found.first | other.first,
                found.last | other.last,
                empty=found.empty or other.empty,
                longest=None if endless else max(found.longest or 0, other.longest or 0),
                whole=False,
            )
        return found

    def _sequence(self) -> Fragment:
        found = Fragment()
        while self._peek() not in ("", "|", ")"):
            found = self._joined(found, self._repeated())
        return found

    def _repeated(self) -> Fragment:
        begin = self._at
        found = self._atom()
        least, most = self._count()
        if (least, most) == (1, 1):
            return found
        end = self._at
        parts = [found]
        # A part that may come several times is written out: the places of a copy are its own.
        for _ in range(max(least, most or 1) - 1):
            self._at = begin
            parts.append(self._atom())
        self._at = end
        if most is None:
            self._loop(parts[-1])
        result = Fragment()
        for number, part in enumerate(parts):
            if number >= least:
                part.may_be_missing()
            result = self._joined(result, part)
        if most == 0:
            return Fragment(whole=False)
        if most is None:
            result.longest, result.whole = None, False
        return result

    def _joined(self, left: Fragment, right: Fragment) -> Fragment:
        for place in left.last:
            self.follow[place] |= right.first
        longest = None if left.longest is None or right.longest is None else left.longest + right.longest
        found = Fragment(
            left.first | right.first if left.empty else left.first,
            left.last | right.last if right.empty else right.last,
            empty=left.empty and right.empty,
            longest=longest,
            literal=max(left.literal, right.literal, left.closing + right.opening, key=len),
            whole=left.whole and right.whole,
        )
        found.opening = left.opening + right.opening if left.whole else left.opening
        found.closing = left.closing + right.closing if right.whole else right.closing
        return found

    def _loop(self, part: Fragment) -> None:
        for place in part.last:
            self.follow[place] |= part.first

    def _count(self) -> tuple[int, int | None]:
        """Read what says how often the last part comes; (1, 1) where nothing does, None = without end."""
        sign = self._peek()
        if sign in ("?", "*", "+"):
            self._at += 1
            counts: tuple[int, int | None] = {"?": (0, 1), "*": (0, None), "+": (1, None)}[sign]
        elif sign == "{":
            close = self.text.find("}", self._at)
            low, comma, high = self.text[self._at + 1 : close].partition(",")
            if close < 0 or not low.isdecimal() or (high and not high.isdecimal()):
                raise PatternError(
                    f"{self.text!r} has a count at character {self._at + 1} that is none, as {{2,5}} is."
                )
            self._at = close + 1
            counts = (int(low), int(high) if high else None if comma else int(low))
            if counts[1] is not None and (counts[1] < counts[0] or counts[1] > LIMIT):
                raise PatternError(f"{self.text!r} counts from {low} to {high or low}; {LIMIT} is the most.")
            if counts[0] > LIMIT:
                raise PatternError(f"{self.text!r} counts from {low}; {LIMIT} is the most.")
        else:
            return 1, 1
        if self._peek() in ("?", "*", "+", "{"):
            raise PatternError(f"{self.text!r} has two counts in a row at character {self._at + 1}.")
        return counts

    def _atom(self) -> Fragment:
        sign = self._peek()
        if sign == "(":
            return self._group()
        self._at += 1
        if sign == "[":
            return self._place(self._class())
        if sign == ".":
            return self._place(letters("\n", negated=True))
        if sign == "\\":
            return self._place(self._escape())
        if sign in "?*+{^$":
            raise PatternError(
                f"{self.text!r} has {sign!r} at character {self._at} where a part begins; write \\{sign} for the sign."
            )
        return self._place(letters(sign))

    def _group(self) -> Fragment:
        self._at += 1
        if self.text.startswith("?", self._at):
            raise PatternError(f"{self.text!r} has a '(?' group; only plain groups can be held against a stream.")
        found = self._alternatives()
        if self._peek() != ")":
            raise PatternError(f"{self.text!r} has a bracket that is not closed.")
        if not found.first:
            raise PatternError(f"{self.text!r} has an empty group.")
        self._at += 1
        return found

    def _class(self) -> Charset:
        negated = self._peek() == "^"
        self._at += negated
        single = ""
        ranges: list[tuple[str, str]] = []
        while (sign := self._peek()) != "]" or not (single or ranges):
            if not sign:
                raise PatternError(f"{self.text!r} has a '[' that is not closed.")
            self._at += 1
            if sign == "\\":
                found = self._escape()
                if len(found.single) != 1:
                    single += "".join(found.single)
                    continue
                (sign,) = found.single
            if self._peek() == "-" and self.text[self._at + 1 : self._at + 2] not in ("]", ""):
                self._at += 1
                high = self._peek()
                self._at += 1
                if high == "\\":
                    (high,) = self._escape().single
                if high < sign:
                    raise PatternError(f"{self.text!r} has the range {sign}-{high}, which is backwards.")
                ranges.append((sign, high))
            else:
                single += sign
        self._at += 1
        return letters(single, tuple(ranges), negated=negated)

    def _escape(self) -> Charset:
        sign = self._peek()
        self._at += 1
        if sign in _CLASSES:
            return _CLASSES[sign]
        if sign in _CONTROLS:
            return letters(_CONTROLS[sign])
        if not sign or sign.isalnum():
            raise PatternError(f"{self.text!r} has '\\{sign}', which means nothing here.")
        return letters(sign)

    def _place(self, takes: Charset) -> Fragment:
        if len(self.places) == _MOST_PLACES:
            raise PatternError(f"{self.text!r} is too large: written out it has more than {_MOST_PLACES} places.")
        if self._fold:
            takes = takes.folded()
        literal = "".join(takes.single) if len(takes.single) == 1 and not takes.ranges and not takes.negated else ""
        if self._fold and len({letter.lower() for letter in takes.single}) == 1 and not takes.negated:
            literal = min(takes.single)
        number = len(self.places)
        self.places.append(takes)
        self.follow.append(set())
        here = frozenset({number})
        return Fragment(here, here, empty=False, longest=1, literal=literal, whole=bool(literal))

    def _peek(self) -> str:
        return self.text[self._at : self._at + 1]
