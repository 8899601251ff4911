"""Runs in Presidio's own environment: reads texts as JSON from standard input, writes the spans it finds.

Its pattern recognisers, all in English as it ships them, and a deny list for the names. Without a language model: words
are split and lowered, which is all that its context rules need.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterable, Iterator

import spacy
from presidio_analyzer import AnalyzerEngine, PatternRecognizer, RecognizerRegistry
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

KINDS = {
    "EMAIL_ADDRESS": "email",
    "PHONE_NUMBER": "phone",
    "CREDIT_CARD": "card",
    "IBAN_CODE": "iban",
    "US_SSN": "ssn",
    "US_PASSPORT": "passport",
    "IP_ADDRESS": "ip",
    "NAME": "names",
}


class Words(NlpEngine):
    """Splits text into words, and knows nothing of them."""

    def __init__(self) -> None:
        self._blank = spacy.blank("en")

    def load(self) -> None:
        """Nothing to load."""

    def is_loaded(self) -> bool:
        """It is ready."""
        return True

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        """Return the words of a text, lowered as their lemmas."""
        doc = self._blank(text)
        lemmas = [token.text.lower() for token in doc]
        return NlpArtifacts([], doc, [token.idx for token in doc], lemmas, self, language)

    def process_batch(self, texts: Iterable[str], language: str, **more: object) -> Iterator[tuple[str, NlpArtifacts]]:
        """Return the words of several texts."""
        for text in texts:
            yield text, self.process_text(text, language)

    def is_stopword(self, word: str, language: str) -> bool:
        """No word is left out."""
        return False

    def is_punct(self, word: str, language: str) -> bool:
        """Whether it holds no letter and no digit."""
        return not any(letter.isalnum() for letter in word)

    def get_supported_entities(self) -> list[str]:
        """It finds nothing by itself."""
        return []

    def get_supported_languages(self) -> list[str]:
        """One is as good as another."""
        return ["en"]


def main() -> None:
    """Answer one question."""
    logging.disable(logging.CRITICAL)
    asked = json.load(sys.stdin)
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    registry.add_recognizer(PatternRecognizer("NAME", deny_list=asked["names"]))
    engine = AnalyzerEngine(registry=registry, nlp_engine=Words(), supported_languages=["en"])
    answer = [
        [
            (hit.start, hit.end, KINDS[hit.entity_type])
            for hit in engine.analyze(text, "en", entities=list(KINDS), score_threshold=asked["threshold"])
        ]
        for text in asked["texts"]
    ]
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
