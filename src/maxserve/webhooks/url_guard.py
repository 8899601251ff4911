"""Checks webhook URLs and addresses, so that webhooks cannot reach internal services (SSRF).

An address is judged twice. `UrlGuard.check` looks at the text when a task is accepted, without asking the network.
`UrlGuard.resolve` looks the name up before every attempt, judges every address that comes back, and hands out those to
connect to: a name that means something else a second later changes nothing.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Literal
from urllib.parse import quote, urlsplit

import msgspec

from .networks import classify

LONGEST_URL = 2048
_RESOLVERS = 8
"""Names that are looked up at the same time; slow name servers must not take other work's threads."""
_PORTS = {"http": 80, "https": 443}
_UNSAFE_PORTS = frozenset(
    (1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080)
)
"""Ports over 1023 that browsers do not call either (fetch.spec.whatwg.org, "bad port")."""
_UNFIT = re.compile(r"[\x00-\x20\x7f-\x9f\\<>\"^`{|}\u2028\u2029\ufeff]")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?").fullmatch
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*").fullmatch
_QUOTED = "/?#[]@!$&'()*+,;=:%~-._"

Kind = Literal["loopback", "private"]
Lookup = Callable[[str, int], Awaitable[Sequence[str]]]
"""Takes a name and a port, returns addresses, best first; raises `OSError`."""


class UrlRefused(Exception):
    """A name leads to a forbidden address or to none; the message is for the caller."""


class Target(msgspec.Struct, frozen=True):
    """A parsed URL: what was checked is what is called.

    `host` is a name in ASCII, or an IP address without brackets; `path` what stands in the request line.
    """

    tls: bool
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS["https" if self.tls else "http"] else f"{host}:{self.port}"


class UrlGuard:
    """Decides which addresses may be called: public ones, and the `allowed` kinds of private ones.

    "loopback" is 127.0.0.0/8 and ::1, "private" the private, unique-local and carriers' shared networks. What answers
    with a machine's own credentials stays refused.
    """

    def __init__(self, allowed: Collection[Kind] = (), *, lookup: Lookup | None = None) -> None:
        self._allowed = frozenset(allowed)
        self._lookup = lookup or _system_lookup()

    def check(self, url: str) -> Target:
        """Take a webhook's address apart; raises `ValueError`, with a sentence, where it will not do."""
        if len(url) > LONGEST_URL:
            raise ValueError(f"A webhook's address has at most {LONGEST_URL} characters, and this one {len(url)}.")
        if _UNFIT.search(url):
            raise ValueError("A webhook's address holds no blanks, control characters, backslashes or quotes.")
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise ValueError("A webhook's address must be a URL such as https://example.com/hook.") from None
        if parts.scheme not in _PORTS or not parts.netloc:
            raise ValueError("A webhook's address must begin with http:// or https:// and name a host.")
        if "@" in parts.netloc:
            raise ValueError("A webhook's address must hold no user or password: put a token into its path or query.")
        host = self._host(parts.netloc)
        port = _PORTS[parts.scheme] if port is None else port
        if (port < 1024 and port not in _PORTS.values()) or port in _UNSAFE_PORTS:
            raise ValueError(f"A webhook's port must be 80, 443 or one over 1023 that is meant for HTTP, not {port}.")
        path = quote(parts.path or "/", safe=_QUOTED) + (f"?{quote(parts.query, safe=_QUOTED)}" if parts.query else "")
        return Target(parts.scheme == "https", host, port, path)

    async def resolve(self, host: str, port: int) -> tuple[str, ...]:
        """Return the addresses behind `host`, best first; raises `UrlRefused`.

        One forbidden address refuses the name, though the others would do: no honest receiver is half inside, and a
        name that is must not be tried until it answers well.
        """
        try:
            found = await self._lookup(host, port)
        except (OSError, UnicodeError):
            raise UrlRefused(f"The name {host} cannot be resolved.") from None
        if not found:
            raise UrlRefused(f"The name {host} has no address.")
        pinned = []
        for written in found:
            address = ip_address(written.partition("%")[0])
            if (why := self._refusal(address)) is not None:
                raise UrlRefused(f"{host} leads to {why} address, where webhooks may not go.")
            pinned.append(str(address))
        return tuple(dict.fromkeys(pinned))

    def _host(self, netloc: str) -> str:
        """Return the host, an IP address without brackets, a name in ASCII."""
        if netloc.startswith("["):
            written, _, rest = netloc[1:].partition("]")
            try:
                six = IPv6Address(written)
            except ValueError:
                six = None
            if six is None or six.scope_id is not None or not re.fullmatch(r"(:[0-9]*)?", rest):
                raise ValueError("A webhook's address has no IPv6 address between its brackets.")
            self._classify(six, f"[{six}]")
            return str(six)
        host = _name(netloc.partition(":")[0])
        labels = host.split(".")
        if _NUMBER(labels[-1]):
            # What ends in a number is an IPv4 address to someone: only its plain form is taken.
            try:
                four = IPv4Address(host)
            except ValueError:
                raise ValueError(
                    "A webhook's IPv4 address is written as four decimal numbers, such as 192.0.2.1."
                ) from None
            self._classify(four, host)
        elif labels[-1] == "localhost" and "loopback" not in self._allowed:
            raise ValueError("A webhook may not go to a loopback address here.")
        return host

    def _classify(self, address: IPv4Address | IPv6Address, shown: str) -> None:
        if (why := self._refusal(address)) is not None:
            raise ValueError(f"A webhook may not go to {shown}, which is {why} address.")

    def _refusal(self, address: IPv4Address | IPv6Address) -> str | None:
        kind = classify(address)
        return None if kind is None or kind in self._allowed else f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _name(written: str) -> str:
    """Return a host's name in ASCII and lower case."""
    name = written.lower()
    if not name.isascii():
        import idna  # large, and seldom needed

        try:
            name = idna.encode(written, uts46=True, std3_rules=True).decode()
        except (idna.IDNAError, UnicodeError):
            name = ""
    if len(name) > 253 or not all(_LABEL(label) for label in name.split(".")):
        raise ValueError("A webhook's host must be a name such as hooks.example.com, without a dot at its end.")
    return name


def _system_lookup() -> Lookup:
    threads = ThreadPoolExecutor(_RESOLVERS, thread_name_prefix="maxserve-resolve")

    def ask(host: str, port: int) -> list[str]:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return [str(place[0]) for _, _, _, _, place in found]

    async def lookup(host: str, port: int) -> list[str]:
        return await asyncio.get_running_loop().run_in_executor(threads, ask, host, port)

    return lookup
