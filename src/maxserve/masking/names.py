"""What a moderation endpoint's names mean in our categories."""

from __future__ import annotations

from collections.abc import Mapping

from ..chat import Category

_NAMES: dict[str, Category | None] = {
    # OpenAI's; its documentation and its SDKs have the names.
    "harassment": "abuse",
    "harassment/threatening": "violence",
    "hate": "abuse",
    "hate/threatening": "violence",
    "illicit": "prohibited",
    "illicit/violent": "violence",
    "self-harm": "other",
    "self-harm/intent": "other",
    "self-harm/instructions": "prohibited",
    "sexual": "pornography",
    "sexual/minors": "severe",
    "violence": "violence",
    "violence/graphic": "violence",
    # Mistral's; expert advice and personal data are no offence.
    "hate_and_discrimination": "abuse",
    "violence_and_threats": "violence",
    "dangerous_and_criminal_content": "prohibited",
    "dangerous": "prohibited",
    "criminal": "prohibited",
    "selfharm": "other",
    "jailbreaking": "prohibited",
    "health": None,
    "financial": None,
    "law": None,
    "pii": None,
}


class Names:
    """Which category each name means, None = no one; `own` adds to the known ones, or replaces some.

    A name that is not known means "other".
    """

    def __init__(self, own: Mapping[str, Category | None] | None = None) -> None:
        self._known = {**_NAMES, **(own or {})}

    @property
    def categories(self) -> frozenset[Category]:
        """Every category that can come out."""
        return frozenset({"other", *(category for category in self._known.values() if category is not None)})

    def read(self, result: Mapping[str, bool | None], flagged: bool) -> frozenset[Category]:
        """Return the categories of one input's result."""
        told = [name for name, said in result.items() if said]
        if not told and flagged:
            return frozenset({"other"})
        found = (self._known.get(name, "other") for name in told)
        return frozenset(category for category in found if category is not None)
