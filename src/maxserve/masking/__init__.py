"""Masking of sensitive information in answers, while they are streamed and whole.

A `Policy` says what is masked; its `filter` takes and gives lists of events. Only the shortest end of a text that could
still become a secret is held back, so a stream stays a stream, and what is masked does not depend on how it was cut.
"""

from .anonymizer import PromptAnonymizer
from .close_json import close_json
from .filter import Filter
from .names import Names
from .pattern import LIMIT, Pattern, PatternError
from .policy import DETECTORS, Policy, Style
from .rule import Detector
from .text import Found, TextMask

__all__ = [
    "DETECTORS", "Detector", "Filter", "Found", "LIMIT", "Names", "Pattern", "PatternError", "Policy",
    "PromptAnonymizer", "Style", "TextMask", "close_json",
]  # fmt: skip
