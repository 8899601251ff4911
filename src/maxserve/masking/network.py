"""Addresses of machines."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address

from .rule import Detector, Rule, after

_VERSION = after(
    r"(\b(versi[oó]n|ver|v|release|build|firmware|driver|update|patch|rev(ision)?|oid|section|chapter|kapitel|abschnitt"
    r"|secci[oó]n|art[ií]culo|§)|版本|版|第)\W{0,3}$|[=<>~^!]= ?$"
)
_ADDRESS = after(r"\bip(v4)?\b|\bhost|server|address|adresse|direcci[oó]n|\bdns\b|gateway|router|地址|服务器|主机")
_SMALL = 32
_FEWEST = 5
_PART_OF_LONGER = re.compile(r"[0-9A-Za-z][-._]$|[$€£¥]$")
_PART_OF_SIX = re.compile(r"[0-9A-Za-z:.]$")


def _ipv4(text: str, before: str, behind: str) -> bool:
    if (behind[:1] in (".", "-") and behind[1:2].isalnum()) or behind.startswith("版"):
        return False
    try:
        address = IPv4Address(text)
    except ValueError:
        return False
    # An address that every machine has names none, nor does the mask of a network.
    if address.is_loopback or address.is_unspecified or text.startswith("255.255."):
        return False
    if _VERSION.search(before):
        return False
    # Four small numbers are more often a version, unless they are a private network's or said to be an address.
    return address.is_private or max(address.packed) >= _SMALL or bool(_ADDRESS.search(before))


def _ipv6(text: str, before: str, behind: str) -> bool:
    if text.count(":") < 2 or behind.startswith(":"):
        return False
    if "::" in text and (sum(letter.isalnum() for letter in text) < _FEWEST or not any(map(str.isdigit, text))):
        return False  # row[1::2] and Face::Bed are code
    try:
        address = IPv6Address(text)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)


IP = Detector(
    "ip",
    "IP",
    (
        Rule("\\d{1,3}(\\.\\d{1,3}){3}", _ipv4, unless=_PART_OF_LONGER),
        Rule("([0-9A-Fa-f]{1,4}|:)(:[0-9A-Fa-f]{0,4}){2,7}", _ipv6, unless=_PART_OF_SIX),
    ),
)
