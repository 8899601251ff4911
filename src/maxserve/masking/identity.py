"""Numbers that a state gives its people."""

from __future__ import annotations

from datetime import date

from .checksum import chinese
from .rule import GLUED, Detector, Rule, after, goes_on

_PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83".split()
)


def _resident(text: str, before: str, behind: str) -> bool:
    if text[:2] not in _PROVINCES:
        return False
    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    return 1850 < born.year < 2100 and chinese(text)


CN_ID = Detector("cn_id", "CN_ID", (Rule("[1-8]\\d{16}[0-9Xx]", _resident, unless=GLUED),))

_SOCIAL = after(r"\bssns?\b|social security|sozialversicherung|seguro social|s[eé]curit[eé] sociale|社会安全|社保")


def _social(text: str, before: str, behind: str) -> bool:
    digits = text.replace("-", "").replace(" ", "")
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    if area in ("000", "666") or area[0] == "9" or group == "00" or serial == "0000":
        return False
    return not goes_on(behind, "-/")


SSN = Detector(
    "ssn",
    "SSN",
    (
        Rule("\\d{3}-\\d{2}-\\d{4}", _social, unless=GLUED),
        # Without hyphens any nine digits look like one.
        Rule("\\d{3}(\\d{2}| \\d{2} )\\d{4}", _social, only=_SOCIAL, unless=GLUED),
    ),
)

_PASSPORT = after(r"passport|reisepass|\bpass(nummer|-nr|nr)|pasaporte|passeport|护照|護照")


def _passport(text: str, before: str, behind: str) -> bool:
    return any(letter.isdigit() for letter in text)


PASSPORT = Detector("passport", "PASSPORT", (Rule("[A-Z0-9]{7,9}", _passport, only=_PASSPORT, unless=GLUED),))
