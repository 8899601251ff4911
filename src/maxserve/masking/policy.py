"""What is masked, how, and for whom: the settings of masking made ready for use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Literal

from . import custom as own
from .anonymizer import PromptAnonymizer
from .contact import EMAIL, PHONE
from .filter import Filter
from .identity import CN_ID, PASSPORT, SSN
from .money import CARD, IBAN
from .network import IP
from .postal_address import ADDRESS
from .rule import Detector
from .secret import API_KEY, PRIVATE_KEY
from .text import Found, Machine, TextMask

Style = Literal["stars", "labels"]
DETECTORS = {
    # Where two match the same text the earlier one names it.
    detector.name: detector
    for detector in (PRIVATE_KEY, API_KEY, EMAIL, IBAN, CARD, CN_ID, SSN, PHONE, IP, PASSPORT, ADDRESS)
}
"""The detectors that ship, by name."""


_SAMPLE = (
    "The quick brown fox jumps over 13 lazy dogs, Tel. +49 30 901820 or mail a.b@example.com; 4111 1111 1111 1111, "
    "DE89 3704 0044 0532 0130 00 at 12:30, 10.0.0.7 and Hauptstraße 5."
)


class Policy:
    """Which detectors look for secrets, and what stands in a secret's place: `***`, or its label (`[EMAIL]`).

    `detectors` are names of `DETECTORS`; `names` are texts to mask wherever they stand as words; `patterns` are lines
    `LABEL=PATTERN`. `default` says whether an answer is masked whose request does not say, `by_key` the same for single
    keys, by their ids; "always" leaves them no choice. `prompt` says whether a request that is masked is also hidden
    from the engine, behind placeholders. Raises `ValueError` for an unknown detector, a name or a pattern that will not
    do.
    """

    def __init__(
        self,
        *,
        default: bool = True,
        style: Style = "stars",
        detectors: Sequence[str] = tuple(DETECTORS),
        names: Sequence[str] = (),
        patterns: Sequence[str] = (),
        prompt: bool = False,
        by_key: Mapping[str, Literal["on", "off", "always"]] | None = None,
    ) -> None:
        self.default = default
        self._by_key = by_key or {}
        self.prompt = prompt
        self.style = style
        for name in detectors:
            if name not in DETECTORS:
                raise ValueError(f"There is no detector {name!r}; there are {', '.join(DETECTORS)}.")
        self.detectors: tuple[Detector, ...] = tuple(
            DETECTORS[name] for name in DETECTORS if name in frozenset(detectors)
        )
        self.detectors += tuple(own.pattern(line) for line in patterns)
        if names:
            self.detectors += (own.names(names),)

    @cached_property
    def machine(self) -> Machine:
        """The detectors made ready, which takes some ten milliseconds the first time."""
        return Machine(self.detectors, labels=self.style == "labels")

    def names(self) -> tuple[str, ...]:
        """The names of the detectors that look."""
        return tuple(detector.name for detector in self.detectors)

    def warm(self) -> None:
        """Make everything ready that the first answer would otherwise wait for."""
        self.mask(_SAMPLE)

    def wanted(self, mask: bool | None, key: str | None = None, usual: bool | None = None) -> bool:
        """Whether an answer is masked whose request says `mask` and came with `key`, by its id.

        `usual` is what its API does where the request does not say; what is settled for the key goes before it.
        """
        if not self.detectors:
            return False
        rule = None if key is None else self._by_key.get(key)
        if rule == "always":
            return True
        if mask is not None:
            return mask
        if rule is not None:
            return rule == "on"
        return self.default if usual is None else usual

    @property
    def ever(self) -> bool:
        """Whether answers are masked whose requests do not ask for it."""
        return self.default or any(rule != "off" for rule in self._by_key.values())

    def anonymizer(self) -> PromptAnonymizer:
        """Return what hides one request from the engine."""
        return PromptAnonymizer(self.machine, {detector.name: detector.label for detector in self.detectors})

    def filter(self) -> Filter:
        """Return the mask over one answer."""
        return Filter(self.machine)

    def text(self) -> TextMask:
        """Return the mask over one text."""
        return TextMask(self.machine)

    def mask(self, text: str) -> str:
        """Return a whole text, masked."""
        mask = self.text()
        return mask.feed(text) + mask.finish()

    def find(self, text: str) -> list[Found]:
        """Return the secrets in a whole text, in order."""
        mask = self.text()
        mask.feed(text)
        mask.finish()
        return mask.spans
