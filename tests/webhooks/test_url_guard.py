"""Where webhooks may go: a table of hostile addresses, every spelling of a private one, and lying name servers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maxserve.webhooks.networks import classify
from maxserve.webhooks.url_guard import Target, UrlGuard, UrlRefused

OUTSIDE = UrlGuard()
INSIDE = UrlGuard(["loopback", "private"])

ALWAYS = [
    # What answers with a machine's own credentials, in every spelling.
    "http://169.254.169.254/latest/meta-data/", "http://169.254.170.2/v2/credentials", "http://[::ffff:169.254.169.254]/",
    "http://[::ffff:a9fe:a9fe]/", "http://[64:ff9b::a9fe:a9fe]/", "http://[fd00:ec2::254]/", "http://[fd20:ce::254]/",
    "http://[fd00:ec2:0:0:0:0:0:254]/", "http://100.100.100.200/", "http://[::ffff:100.100.100.200]/",
    "http://168.63.129.16/", "http://192.0.0.192/", "http://2852039166/", "http://0xa9fea9fe/",
    "http://0251.0376.0251.0376/", "http://169.254.43518/", "http://169.16689662/", "http://[fe80::1]/",
    "http://[fe80::1%25eth0]/", "http://[fe80::a9fe:a9fe%eth0]/",
    # Numbers that only some read as an address.
    "http://2130706433/", "http://017700000001/", "http://0x7f000001/", "http://0x7f.0.0.1/", "http://0177.0.0.1/",
    "http://127.1/", "http://127.0.1/", "http://127.0.0.1./", "http://127.0.0.01/", "http://127.0.0.1.0/",
    "http://0x7f.1/", "http://1/", "http://0/", "http://00000000000000000000000000000177.0.0.1/", "http://0x/",
    "http://256.256.256.256/", "http://127.0.0.1.1.1/", "http://foo.0x7f/", "http://3232235777/", "http://10.1/",
    "http://４２/", "http://١٢٧.0.0.1x.1/", "http://127。0。0。1。/", "http://%31%32%37.0.0.1/",
    # Nobody's own address.
    "http://0.0.0.0/", "http://0.1.2.3/", "http://[::]/", "http://[::ffff:0.0.0.0]/", "http://255.255.255.255/",
    "http://224.0.0.1/", "http://[ff02::1]/", "http://240.0.0.1/", "http://198.18.0.1/", "http://[2001:2::1]/",
    "http://192.0.2.7/", "http://198.51.100.1/", "http://203.0.113.9/", "http://[2001:db8::1]/", "http://[3fff::1]/",
    "http://192.0.0.8/", "http://192.88.99.1/", "http://[::127.0.0.1]/", "http://[::10.0.0.1]/",
    "http://[2002:7f00:1::]/", "http://[2002:a00:1::1]/", "http://[2001:0:7f00:1::1]/", "http://[64:ff9b:1::a00:1]/",
    "http://[::ffff:0:127.0.0.1]/", "http://[100::1]/", "http://[5f00::1]/", "http://[4000::1]/", "http://[fec0::1]/",
    # No web address, or one that two readers read differently.
    "", "/hook", "hooks.example.com", "//hooks.example.com/", "ftp://hooks.example.com/", "file:///etc/passwd",
    "gopher://hooks.example.com/", "javascript:alert(1)", "data:text/plain,x", "http:/hooks.example.com", "http://",
    "https:///hook", "http://:80/", "http://?x", "http://#x", "unix:///run/docker.sock", "http+unix://%2Frun%2Fx/",
    "https://user@hooks.example.com/", "https://user:pass@hooks.example.com/", "https://hooks.example.com@127.0.0.1/",
    "https://@hooks.example.com/", "http://127.0.0.1\\@hooks.example.com/", "http://hooks.example.com\\.evil.example/",
    "http://hooks.example.com\r\nX: y/", "http://hooks.example.com/\r\nX: y", "http://hooks.exa\tmple.com/",
    " https://hooks.example.com/", "https://hooks.example.com/ x", "https://hooks.example.com/\x00", "\x01http://a.example/",
    "http://hooks.example.com:0/", "http://hooks.example.com:65536/", "http://hooks.example.com:-1/",
    "http://hooks.example.com:22/", "http://hooks.example.com:25/", "http://hooks.example.com:6667/",
    "http://hooks.example.com:80:80/", "http://hooks.example.com:8o/", "http://hooks.example.com:٨٠٨٠/",
    "http://hooks.example.com./", "http://hooks..example.com/", "http://.example.com/", "http://-a.example.com/",
    "http://a-.example.com/", "http://hooks.example.com%00.evil.example/", "http://hooks,example.com/",
    "http://" + "a" * 64 + ".example/", "http://" + "a." * 130 + "example/", "http://[hooks.example.com]/",
    "http://[::1/", "http://::1/", "http://[::1]x/", "http://[127.0.0.1]/", "http://[::1].example.com/", "http://[v1.x]/",
    "http://[]/", "http://ex ample.com/", "http://\u00adexample\u2028.com/", "http://*.example.com/", "http://xn--/",
    "https://hooks.example.com/" + "x" * 2048,
]  # fmt: skip
UNLESS_ALLOWED = [
    "http://127.0.0.1/", "http://127.255.255.254:8080/", "http://[::1]/", "http://[0:0:0:0:0:0:0:1]/", "http://localhost/",
    "https://LOCALHOST:8443/", "http://hooks.localhost/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/",
    "http://[64:ff9b::7f00:1]/", "http://１２７.0.0.1/", "http://127。0。0。1/", "http://ⓛocalhost/", "http://①27.0.0.1/",
    "http://10.0.0.1/", "http://10.255.255.255/", "http://172.16.0.1/", "http://172.31.255.255/", "http://192.168.1.1/",
    "http://100.64.0.1/", "http://100.127.255.255/", "http://[fc00::1]/", "http://[fdff::1]/", "http://[::ffff:10.0.0.1]/",
    "http://[64:ff9b::c0a8:101]/", "http://[2a00:1450::5efe:c0a8:101]/", "http://[2a00:1450::200:5efe:10.0.0.1]/",
]  # fmt: skip
FINE = {
    "https://hooks.example.com": Target(True, "hooks.example.com", 443, "/"),
    "HTTP://Hooks.Example.COM/A?token=s3cret&x=%20": Target(False, "hooks.example.com", 80, "/A?token=s3cret&x=%20"),
    "https://hooks.example.com:8443/a/b;c=d,e?f[]=g#h": Target(True, "hooks.example.com", 8443, "/a/b;c=d,e?f[]=g"),
    "http://hooks.example.com:443?x=1": Target(False, "hooks.example.com", 443, "/?x=1"),
    "https://bücher.example/ä?q=ü": Target(True, "xn--bcher-kva.example", 443, "/%C3%A4?q=%C3%BC"),
    "https://faß.example/": Target(True, "xn--fa-hia.example", 443, "/"),
    "https://xn--bcher-kva.example/": Target(True, "xn--bcher-kva.example", 443, "/"),
    "https://my_app.internal.example:3000/": Target(True, "my_app.internal.example", 3000, "/"),
    "https://8.8.8.8/": Target(True, "8.8.8.8", 443, "/"),
    "https://172.32.0.1/": Target(True, "172.32.0.1", 443, "/"),
    "https://100.128.0.1/": Target(True, "100.128.0.1", 443, "/"),
    "https://[2A00:1450:0::1]:8443/": Target(True, "2a00:1450::1", 8443, "/"),
    "https://[::ffff:8.8.8.8]/": Target(True, str(IPv6Address("::ffff:8.8.8.8")), 443, "/"),
    "https://1.example.com/": Target(True, "1.example.com", 443, "/"),
    "https://0x7f.example.com/": Target(True, "0x7f.example.com", 443, "/"),
    "https://localhost.example.com/": Target(True, "localhost.example.com", 443, "/"),
    "https://hooks.example.com/@:@?@#@": Target(True, "hooks.example.com", 443, "/@:@?@"),
}
PRIVATE = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
]  # fmt: skip


def test_the_table_is_as_long_as_it_should_be() -> None:
    assert len(ALWAYS) + len(UNLESS_ALLOWED) >= 150
    assert len(set(ALWAYS) | set(UNLESS_ALLOWED)) == len(ALWAYS) + len(UNLESS_ALLOWED)


@pytest.mark.parametrize("url", ALWAYS)
@pytest.mark.parametrize("guard", [OUTSIDE, INSIDE], ids=["outside", "inside"])
def test_hostile_addresses_are_refused_whatever_is_allowed(guard: UrlGuard, url: str) -> None:
    with pytest.raises(ValueError, match=r"^A webhook.*\.$"):
        guard.check(url)


@pytest.mark.parametrize("url", UNLESS_ALLOWED)
def test_addresses_inside_are_refused_unless_allowed(url: str) -> None:
    with pytest.raises(ValueError, match="A webhook may not go to"):
        OUTSIDE.check(url)
    assert INSIDE.check(url).host


@pytest.mark.parametrize("url", FINE)
def test_ordinary_addresses_are_taken_apart_once(url: str) -> None:
    assert OUTSIDE.check(url) == FINE[url]


def test_each_kind_is_allowed_for_itself() -> None:
    loopback, private = UrlGuard(["loopback"]), UrlGuard(["private"])
    assert loopback.check("http://127.0.0.1:9000/").authority == "127.0.0.1:9000"
    assert private.check("http://[fd12::1]:9000/").authority == "[fd12::1]:9000"
    for guard, url in ((loopback, "http://10.0.0.1/"), (private, "http://127.0.0.1/"), (private, "http://localhost/")):
        with pytest.raises(ValueError, match="may not go"):
            guard.check(url)


def spellings(address: IPv4Address) -> list[str]:
    """Every way to write an IPv4 address that some resolver, browser or library takes for it."""
    a, b, c, d = address.packed
    number = int(address)
    mixed = f"{a:#x}.{b:#o}".replace("0o", "0")
    parts = [
        str(address), f"{address}.", str(number), f"{number:#x}", f"0{number:o}", f"0x{number:012x}",
        f"{a:#x}.{b:#x}.{c:#x}.{d:#x}", f"{a:#X}.{b}.{c}.{d}", f"0{a:o}.0{b:o}.0{c:o}.0{d:o}", f"00{a}.{b}.{c}.{d}",
        f"{a}.{number & 0xFFFFFF}", f"{a}.{b}.{number & 0xFFFF}", f"{a}.{number & 0xFFFFFF:#x}", f"{mixed}.{c}.{d}",
        str(address).translate(str.maketrans("0123456789", "０１２３４５６７８９")), str(address).replace(".", "。"),
        str(address).replace(".", "．"), "".join(f"%{ord(sign):02x}" for sign in str(address)),
        f"[::ffff:{address}]", f"[0:0:0:0:0:ffff:{number >> 16:x}:{number & 0xFFFF:x}]", f"[::{address}]",
        f"[64:ff9b::{address}]", f"[64:ff9b:1::{address}]", f"[2002:{number >> 16:x}:{number & 0xFFFF:x}::1]",
        f"[2001:0:{number >> 16:x}:{number & 0xFFFF:x}::1]", f"[2a00:1450::5efe:{address}]", f"[::ffff:0:{address}]",
        f"[fe80::5efe:{address}]",
    ]  # fmt: skip
    return [f"http://{part}{port}/" for part in parts for port in ("", ":8080")]


@pytest.mark.parametrize("network", PRIVATE)
@settings(deadline=None)
@given(data=st.data())
def test_every_private_address_is_refused_in_every_spelling(network: str, data: st.DataObject) -> None:
    block = IPv4Network(network)
    number = data.draw(st.integers(int(block.network_address), int(block.broadcast_address)))
    for url in spellings(IPv4Address(number)):
        with pytest.raises(ValueError, match="A webhook"):
            OUTSIDE.check(url)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_what_is_let_through_is_an_address_of_the_internet(address: IPv4Address) -> None:
    """The standard library's judgement, of which ours is a part: it knows neither metadata nor tunnels."""
    if classify(address) is None:
        assert address.is_global
        assert not address.is_multicast


@settings(deadline=None)
@given(st.integers(0, 2**128 - 1).map(IPv6Address))
def test_of_ipv6_only_global_unicast_is_let_through(address: IPv6Address) -> None:
    if classify(address) is None and address.ipv4_mapped is None:
        assert address in IPv6Network("2000::/3") or address in IPv6Network("64:ff9b::/96")
        assert address.sixtofour is None
        assert address.teredo is None
        assert not address.is_multicast


@settings(deadline=None)
@given(st.text())
def test_no_text_does_more_than_be_refused(text: str) -> None:
    for url in (text, f"http://{text}", f"https://{text}/", f"https://a.example:{text}/", f"https://a.example/{text}"):
        try:
            target = OUTSIDE.check(url)
        except ValueError:
            continue
        assert target.host.isascii()
        assert target.path.isascii()
        assert target.path.isprintable()
        assert " " not in target.path


def lying(*answers: Sequence[str] | Exception) -> tuple[Callable[..., UrlGuard], list[tuple[str, int]]]:
    """A name server that gives these answers in turn, the last for ever, and what it was asked."""
    asked: list[tuple[str, int]] = []

    async def lookup(host: str, port: int) -> Sequence[str]:
        answer = answers[min(len(asked), len(answers) - 1)]
        asked.append((host, port))
        if isinstance(answer, Exception):
            raise answer
        return answer

    return lambda *authorize: UrlGuard(authorize, lookup=lookup), asked


async def test_a_name_is_asked_for_every_time_so_that_rebinding_changes_nothing() -> None:
    guard, asked = lying(["93.184.216.34"], ["127.0.0.1"], ["93.184.216.34"])
    opened = guard()
    assert await opened.resolve("hooks.example.com", 443) == ("93.184.216.34",)
    with pytest.raises(
        UrlRefused, match=r"^hooks.example.com leads to a loopback address, where webhooks may not go\.$"
    ):
        await opened.resolve("hooks.example.com", 443)
    assert await opened.resolve("hooks.example.com", 443) == ("93.184.216.34",)
    assert asked == [("hooks.example.com", 443)] * 3


@pytest.mark.parametrize(
    "answer",
    [
        ["127.0.0.1"], ["::1"], ["10.0.0.1"], ["169.254.169.254"], ["::ffff:169.254.169.254"], ["fd00:ec2::254"],
        ["fe80::1%eth0"], ["64:ff9b::a9fe:a9fe"], ["0.0.0.0"], ["::"], ["100.100.100.200"], ["2002:a00:1::"],
        ["93.184.216.34", "10.0.0.1"], ["2606:2800:220:1::1", "93.184.216.34", "::1"], [],
        OSError("no such name"), UnicodeError("too long"),
    ],
)  # fmt: skip
async def test_one_forbidden_address_refuses_the_name(answer: Sequence[str] | Exception) -> None:
    guard, _ = lying(answer)
    with pytest.raises(UrlRefused, match=r"\.$") as told:
        await guard().resolve("hooks.example.com", 80)
    if not isinstance(answer, Exception):  # what stands behind the name is nobody's business
        assert not any(address in str(told.value) for address in answer)


async def test_metadata_stays_refused_where_private_networks_are_allowed() -> None:
    for answer in ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "192.0.0.192", "::ffff:100.100.100.200"):
        guard, _ = lying([answer])
        with pytest.raises(UrlRefused, match=r"metadata|link-local"):
            await guard("loopback", "private").resolve("metadata.example", 80)
    guard, _ = lying(["10.0.0.1", "fd12::1", "127.0.0.1", "10.0.0.1"])
    assert await guard("loopback", "private").resolve("inside.example", 80) == ("10.0.0.1", "fd12::1", "127.0.0.1")


async def test_the_systems_names_are_asked_off_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = []

    def getaddrinfo(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        threads.append(threading.current_thread().name)
        return [(2, 1, 6, "", ("93.184.216.34", port)), (10, 1, 6, "", ("2606:2800:220:1::1", port, 0, 0))]

    monkeypatch.setattr("socket.getaddrinfo", getaddrinfo)
    guard = UrlGuard()
    found = await asyncio.gather(*(guard.resolve("hooks.example.com", 443) for _ in range(20)))
    assert set(found) == {("93.184.216.34", "2606:2800:220:1::1")}
    assert all(name.startswith("maxserve-resolve") for name in threads)


async def test_an_address_that_was_written_is_judged_again_before_it_is_called() -> None:
    assert await OUTSIDE.resolve("93.184.216.34", 80) == ("93.184.216.34",)
    for host in ("127.0.0.1", "::1", "localhost"):
        with pytest.raises(UrlRefused, match="loopback"):
            await OUTSIDE.resolve(host, 80)
