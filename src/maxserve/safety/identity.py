"""Numbers that a state gives its people."""

from __future__ import annotations

import re
from datetime import date

from .checksum import chinese
from .rule import Detector, Rule, after

_GLUED = re.compile(r"[0-9A-Za-z][-./_:]$|[#$€£¥.]$")
_PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83".split()
)


def _resident(text: str, before: str, behind: str) -> bool:
    if text[:2] not in _PROVINCES or _GLUED.search(before):
        return False
    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    return 1850 < born.year < 2100 and chinese(text)


CN_ID = Detector("cn_id", "CN_ID", (Rule("[1-8]\\d{16}[0-9Xx]", _resident),))

_SOCIAL = after(r"\bssn\b|social security|sozialversicherung|seguro social|s[eé]curit[eé] sociale|社会安全|社保")


def _social(text: str, before: str, behind: str) -> bool:
    area, group, serial = text[:3], text[-6:-4] if text[-5] not in "- " else text[-7:-5], text[-4:]
    if area in ("000", "666") or area[0] == "9" or group == "00" or serial == "0000":
        return False
    if _GLUED.search(before) or (behind[:1] in "-./" and behind[1:2].isdigit() if behind else False):
        return False
    # Without hyphens any nine digits look like one.
    return text[3] == "-" or bool(_SOCIAL.search(before))


SSN = Detector("ssn", "SSN", (Rule("\\d{3}(-\\d{2}-|\\d{2}| \\d{2} )\\d{4}", _social),))

_PASSPORT = after(
    r"passport|reisepass|\bpass(nummer|-nr|nr)|pasaporte|passeport|护照|護照",
)


def _passport(text: str, before: str, behind: str) -> bool:
    digits = sum(letter.isdigit() for letter in text)
    return digits >= 3 and not _GLUED.search(before) and bool(_PASSPORT.search(before))


PASSPORT = Detector("passport", "PASSPORT", (Rule("[A-Z0-9]{7,9}", _passport),))
