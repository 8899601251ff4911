"""Addresses of machines."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address

from .rule import Detector, Rule, after

_GLUED = re.compile(r"[0-9A-Za-z][-._]$|[$€£¥.]$")
_VERSION = after(
    r"(\b(version|versi[oó]n|ver|v|release|build|firmware|driver|section|chapter|kapitel|abschnitt|secci[oó]n|art[ií]culo|§|oid|update|patch|rev(ision)?)"
    r"|版本|版|第)\W{0,3}$|[=<>~^!]=\s?$"
)


def _ipv4(text: str, before: str, behind: str) -> bool:
    if behind[:1] in (".", "-") and behind[1:2].isalnum():
        return False
    if _GLUED.search(before) or _VERSION.search(before):
        return False
    try:
        address = IPv4Address(text)
    except ValueError:
        return False
    # An address that every machine has names none.
    return not (
        address.is_loopback or address.is_unspecified or text == "255.255.255.255" or text.startswith("255.255.")
    )


def _ipv6(text: str, before: str, behind: str) -> bool:
    if before.endswith((":", ".")) or behind[:1] == ":" or text.count(":") < 2:
        return False
    if not any(letter.isdigit() for letter in text):
        return False  # Face::Bed is code
    try:
        address = IPv6Address(text)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)


IP = Detector(
    "ip",
    "IP",
    (
        Rule("\\d{1,3}(\\.\\d{1,3}){3}", _ipv4),
        Rule("[0-9A-Fa-f]{0,4}(:[0-9A-Fa-f]{0,4}){2,7}", _ipv6),
    ),
)
