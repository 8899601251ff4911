"""Random choices that respect the line between training and evaluation."""

import random
from collections.abc import Callable, Sequence
from typing import TypeVar

from training.generator import words
from training.generator.split import is_held

T = TypeVar("T")
LEADS = ("Hi! ", "Hello, ", "Hey, ", "Hey! ", "Quick question: ", "Please tell me: ", "One question. ", "Excuse me, ", "Good morning! ", "Hello! ",
         "So, ", "Okay. ", "Now ", "By the way, ", "Hi there. ", "Well, ", "Please: ")  # fmt: skip
TAILS = (" Thanks!", " Thank you.", " Please.", " Answer briefly.", " I am curious.", " Just asking.", " Thank you very much!", " Go on.", " pls", " please", " thx")


class Draw:
    """A source of random choices for one family and one side of the split."""

    def __init__(self, rng: random.Random, family: str, held: bool = False) -> None:
        self.rng = rng
        self.family = family
        self.held = held
        self.mode: str | None = None
        """M3's thinking mode of the example that is being drawn."""
        self.pick = rng.choice
        self.number = rng.randint

    def chance(self, share: float) -> bool:
        """Return true in the given share of calls."""
        return self.rng.random() < share

    def phrase(self, pool: tuple[str, ...]) -> str:
        """Choose a wording; both sides of the split share them all (see `split`)."""
        return self.pick(pool)

    def sample(self, pool: Sequence[T], count: int) -> list[T]:
        """Choose different members of a pool."""
        return self.rng.sample(pool, count)

    def fresh(self, make: Callable[[], T]) -> T:
        """Call a maker until its value falls on this side of the split."""
        while True:
            value = make()
            if is_held(str(value)) == self.held:
                return value

    def made_up(self) -> str:
        """Return a word of two or three syllables that no dictionary has, in lower case."""
        rng = self.rng
        count = 2 if rng.random() < 0.65 else 3
        return "".join(rng.choice(words.SYLLABLES) for _ in range(count))

    def word(self) -> str:
        """Return a made-up word from this side of the split."""
        return self.fresh(self.made_up)

    def proper(self) -> str:
        """Return a name of a person or pet, real or made up (made up for the evaluation)."""
        if self.held or self.chance(0.6):
            return self.word().capitalize()
        return self.pick(words.NAMES)

    def name(self) -> str:
        """Return a person's first name, sometimes with a surname."""
        first = self.proper()
        if self.chance(0.25):
            return f"{first} {self.word().capitalize() if self.chance(0.5) else self.pick(words.SURNAMES)}"
        return first

    def city(self) -> str:
        """Return a town, real or made up."""
        if self.chance(0.45):
            return self.word().capitalize()
        return self.pick(words.CITIES)

    def digits(self, least: int, most: int) -> str:
        """Return a number of so many digits, as text."""
        size = self.number(least, most)
        return self.fresh(lambda: str(self.number(10 ** (size - 1), 10**size - 1)))

    def code(self) -> str:
        """Return an identifier of letters and digits."""
        return self.fresh(self._code)

    def _code(self) -> str:
        rng = self.rng
        letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
        kind = rng.randrange(4)
        if kind == 0:
            return "".join(rng.choice(letters) for _ in range(2)) + f"-{rng.randint(100, 9999)}"
        if kind == 1:
            return rng.choice(letters) + str(rng.randint(10, 999)) + rng.choice(letters)
        if kind == 2:
            return "".join(rng.choice("abcdef0123456789") for _ in range(6))
        return f"{rng.choice(words.SYLLABLES)}-{rng.randint(1, 99)}"

    def email(self) -> str:
        """Return a made-up address at a reserved domain."""
        return f"{self.word()}@{self.pick(('example.com', 'example.org', 'mail.example'))}"

    def date(self) -> str:
        """Return a date in ISO form."""
        return self.fresh(
            lambda: f"{self.number(2020, 2031)}-{self.number(1, 12):02d}-{self.number(1, 28):02d}"
        )

    def clock(self) -> str:
        """Return a time of day such as 14:30."""
        return f"{self.number(0, 23):02d}:{self.pick(('00', '15', '30', '45'))}"

    def token(self) -> str:
        """Return any single value worth copying: a word, name, code or number."""
        kind = self.rng.random()
        if kind < 0.35:
            return self.word()
        if kind < 0.55:
            return self.proper()
        if kind < 0.7:
            return self.code()
        if kind < 0.85:
            return self.digits(2, 5)
        return self.word().upper()

    def text(self) -> str:
        """Return a short phrase that mixes known and made-up words."""
        count = self.number(2, 5)
        return " ".join(
            self.word() if self.chance(0.4) else self.pick(words.COMMON) for _ in range(count)
        )

    def dressed(self, base: str) -> str:
        """Write a common question as people do: with a lead or a tail, in lower case, or without its mark at the end.

        In the evaluation it always gets a lead or a tail, because the bare question is trained.
        """
        text, roll = base, self.rng.random()
        if self.held or roll < 0.35:
            side = self.rng.random()
            if side < 0.75:
                text = self.pick(LEADS) + text
            if side > 0.55:
                text += self.pick(TAILS)
        elif roll < 0.5:
            text = text.rstrip("?.!")
        return text.lower() if self.chance(0.15) else text
