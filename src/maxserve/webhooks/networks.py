"""Classifies IP addresses; the special ranges follow IANA's registries.

The lists are our own: what the standard library calls private differs between the versions of Python.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

_METADATA_4 = frozenset(
    map(
        IPv4Address,
        (
            "100.100.100.200",  # Alibaba Cloud
            "168.63.129.16",  # Azure
            "192.0.0.192",  # Oracle Cloud
        ),
    )
)
_METADATA_6 = frozenset(
    map(
        IPv6Address,
        (
            "fd00:ec2::254",  # Amazon; ::23, ::123 and ::253 are its credentials, clock and names
            "fd00:ec2::23",
            "fd00:ec2::123",
            "fd00:ec2::253",
            "fd20:ce::254",  # Google
            "fd00:42::42",  # Scaleway
        ),
    )
)
_FOUR = tuple(
    (IPv4Network(network), kind)
    for network, kind in (
        ("0.0.0.0/8", "unspecified"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "private"),  # shared by a carrier's customers, and by overlay networks
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "reserved"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmark"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
_SIX = tuple(
    (IPv6Network(network), kind)
    for network, kind in (
        ("::1/128", "loopback"),
        ("::/128", "unspecified"),
        ("64:ff9b:1::/48", "reserved"),  # translation inside one network
        ("2001::/23", "reserved"),  # Teredo, benchmarks and other experiments
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "reserved"),  # 6to4
        ("3fff::/20", "documentation"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("ff00::/8", "multicast"),
    )
)
_GLOBAL = IPv6Network("2000::/3")
_MAPPED = IPv6Network("::ffff:0:0/96")
_TRANSLATED = IPv6Network("64:ff9b::/96")
_ISATAP = 0x00005EFE


def classify(address: IPv4Address | IPv6Address) -> str | None:
    """Return the kind of an address that is not simply one of the Internet, None for those that are.

    "loopback", "private", "link-local", "metadata", "multicast", … An IPv6 address that is a form of an IPv4 one is
    what that one is: mapped ones, those that a NAT64 translates, ISATAP's. Everything else outside 2000::/3 is
    "reserved", IPv4-compatible ones included.
    """
    if isinstance(address, IPv4Address):
        if address in _METADATA_4:
            return "metadata"
        return next((kind for network, kind in _FOUR if address in network), None)
    if address in _METADATA_6:
        return "metadata"
    if address in _MAPPED or address in _TRANSLATED:
        return classify(IPv4Address(int(address) & 0xFFFFFFFF))
    if (known := next((kind for network, kind in _SIX if address in network), None)) is not None:
        return known
    if address not in _GLOBAL:
        return "reserved"
    if int(address) >> 32 & 0xFCFFFFFF == _ISATAP:
        return classify(IPv4Address(int(address) & 0xFFFFFFFF))
    return None
