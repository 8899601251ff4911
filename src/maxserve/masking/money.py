"""Payment cards and bank accounts."""

from __future__ import annotations

import re

from .checksum import luhn, mod97
from .rule import GLUED, NUMBERED, Detector, Rule, goes_on

_IBAN_LENGTHS = {
    country: int(length)
    for country, length in (
        pair.split(":")
        for pair in """AD:24 AE:23 AL:28 AT:20 AZ:28 BA:20 BE:16 BG:22 BH:22 BI:27 BR:29 BY:28 CH:21 CR:22 CY:28 CZ:24
        DE:22 DJ:27 DK:18 DO:28 EE:20 EG:29 ES:24 FI:18 FK:18 FO:18 FR:27 GB:22 GE:22 GI:23
        GL:18 GR:27 GT:28 HR:21 HU:28 IE:22 IL:23 IQ:23 IS:26 IT:27 JO:30 KW:30 KZ:20 LB:28
        LC:32 LI:21 LT:20 LU:20 LV:21 LY:25 MC:27 MD:24 ME:22 MK:19 MN:20 MR:27 MT:31 MU:30
        NI:28 NL:18 NO:15 OM:23 PK:24 PL:28 PS:29 PT:25 QA:29 RO:24 RS:22 RU:33 SA:24 SC:31
        SD:18 SE:24 SI:19 SK:24 SM:27 SO:23 ST:25 SV:28 TL:23 TN:24 TR:26 UA:29 VA:22 VG:24
        XK:20 YE:30""".split()
    )
}
"""Characters of an IBAN by country (the SWIFT registry)."""


def _issued(digits: str) -> bool:
    """Whether a card network gives out numbers of this beginning and length."""
    length = len(digits)
    four = int(digits[:4])
    if length == 15:
        return four // 100 in (34, 37)
    if length == 14:
        return four // 100 in (36, 38, 39) or 3000 <= four <= 3059
    if length == 16:
        return (
            four // 1000 == 4
            or 5100 <= four <= 5599
            or 2221 <= four <= 2720
            or four // 100 in (35, 62, 65, 81)
            or four == 6011
            or 6440 <= four <= 6499
        )
    return length == 19 and (four // 1000 == 4 or four // 100 in (62, 65) or four == 6011)


def _card(text: str, before: str, behind: str) -> bool:
    digits = text.replace(" ", "").replace("-", "")
    if not _issued(digits) or len(set(digits)) < 2 or goes_on(behind, "-") or not luhn(digits):
        return False
    return not NUMBERED.search(before)


CARD = Detector("card", "CARD", (Rule("[2-68]([ -]?\\d){13,18}", _card, unless=GLUED),))


def _iban(text: str, before: str, behind: str) -> bool:
    account = re.sub("[ \u00a0-]", "", text).upper()
    return len(account) == _IBAN_LENGTHS.get(account[:2]) and mod97(account)


IBAN = Detector("iban", "IBAN", (Rule("[A-Za-z]{2}\\d{2}([ \u00a0-]?[A-Za-z0-9]){11,29}", _iban),))
