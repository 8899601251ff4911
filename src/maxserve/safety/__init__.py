"""Masking of sensitive information in answers, while they are streamed and whole.

A `Policy` says what is masked; its `filter` takes and gives lists of events. Only the shortest end of a text that could
still become a secret is held back, so a stream stays a stream, and what is masked does not depend on how it was cut.
"""

from .closing import closing
from .filter import Filter
from .names import Names
from .pattern import LIMIT, Pattern, PatternError
from .policy import DETECTORS, ByKey, Policy, Style
from .rule import Detector
from .sensitivity import Action, SensitivityPolicy, texts
from .text import Found, TextMask
from .veil import Veil
from .watch import Watch

__all__ = [
    "Action", "ByKey", "DETECTORS", "Detector", "Filter", "Found", "LIMIT", "Names", "Pattern", "PatternError",
    "Policy", "SensitivityPolicy", "Style", "TextMask", "Veil", "Watch", "closing", "texts",
]  # fmt: skip
