"""The small readers: addresses, event streams, stop strings, the gate."""

from __future__ import annotations

import asyncio
import random

import msgspec
import pytest

from maxserve.engines.stops import StopFinder
from maxserve.engines.weighted_semaphore import WeightedSemaphore
from maxserve.http.address import Address
from maxserve.http.sse import EventReader


@pytest.mark.parametrize(
    ("url", "shown", "authority"),
    [
        ("http://localhost:8000/v1/", "http://localhost:8000/v1", "localhost:8000"),
        ("https://api.example.com/inference/v1", "https://api.example.com/inference/v1", "api.example.com"),
        ("http://[::1]:80", "http://[::1]", "[::1]"),
        ("https://h:80", "https://h:80", "h:80"),
        ("unix:///run/a.sock", "unix:///run/a.sock", "localhost"),
    ],
)
def test_addresses(url: str, shown: str, authority: str) -> None:
    address = Address.parse(url)
    assert (str(address), address.authority) == (shown, authority)


@pytest.mark.parametrize(
    "url", ["", "localhost:8000", "ftp://a", "http://", "unix://a", "http://u:p@h", "http://h?x=1"]
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(ValueError):
        Address.parse(url)


STREAMS = {
    "plain": b'data: {"a": 1}\n\ndata: {"a": "x\\n\\ndata: y"}\n\ndata: [DONE]\n\n',
    "no end mark": b'data: {"a": 1}\n\ndata: {"a": "x\\n\\ndata: y"}\n\n',
    "no last blank line": b'data: {"a": 1}\n\ndata: {"a": "x\\n\\ndata: y"}',
    "carriage returns": b'data: {"a": 1}\r\n\r\ndata: {"a": "x\\n\\ndata: y"}\r\n\r\ndata: [DONE]\r\n\r\n',
    "pings and names": b': ping\n\nevent: m\nid: 7\ndata: {"a": 1}\n\n: ping\n\ndata:{"a": "x\\n\\ndata: y"}\n\n',
    "several data lines": b'data: {"a":\ndata: 1}\n\ndata: {"a": "x\\n\\ndata: y"}\n\n',
    "after the end": b'data: {"a": 1}\n\ndata: {"a": "x\\n\\ndata: y"}\n\ndata: [DONE]\n\ndata: {"a": 9}\n\n',
}


@pytest.mark.parametrize("stream", STREAMS.values(), ids=STREAMS)
def test_events_are_the_same_in_any_chunking(stream: bytes) -> None:
    expected = [{"a": 1}, {"a": "x\n\ndata: y"}]
    randomness = random.Random(1)
    for _ in range(200):
        reader = EventReader(msgspec.json.Decoder(list[dict[str, object]]))
        cuts = sorted(randomness.sample(range(1, len(stream)), randomness.randrange(0, 12)))
        events = []
        for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
            events += reader.feed(stream[start:end])
        assert events + reader.finish() == expected


def test_an_event_that_is_not_json_is_an_error() -> None:
    with pytest.raises(msgspec.DecodeError):
        EventReader(msgspec.json.Decoder(list[int])).feed(b"data: no\n\n")


def find(text: str, stops: tuple[str, ...], cuts: list[int]) -> tuple[str, str | None]:
    finder = StopFinder(stops)
    out = "".join(finder.feed(text[a:b]) for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True))
    return out + finder.finish(), finder.found


@pytest.mark.parametrize(
    ("text", "stops", "expected"),
    [
        ("abcabd", ("abd",), ("abc", "abd")),
        ("aaab", ("aab",), ("a", "aab")),
        ("xxENDxx", ("END", "xE"), ("x", "xE")),
        ("xxEN", ("END",), ("xxEN", None)),
        ("END", ("END",), ("", "END")),
        ("abc", ("", "c"), ("ab", "c")),
        ("abc", (), ("abc", None)),
        ("one\n\ntwo", ("\n\n", "\n"), ("one", "\n\n")),
    ],
)
def test_stop_strings_are_found_in_any_chunking(
    text: str, stops: tuple[str, ...], expected: tuple[str, str | None]
) -> None:
    randomness = random.Random(2)
    assert find(text, stops, []) == expected
    for _ in range(100):
        cuts = sorted(randomness.sample(range(1, len(text)), randomness.randrange(0, len(text) - 1)))
        out, found = find(text, stops, cuts)
        assert out == expected[0]
        assert (found is None) == (expected[1] is None)


def test_nothing_certain_is_held_back() -> None:
    finder = StopFinder(("</think>",))
    assert [finder.feed(text) for text in ("a<", "b</t", "hi", "nk> c")] == ["a", "<b", "", ""]
    assert finder.found == "</think>"


async def test_the_gate_keeps_the_order_and_lets_nobody_overtake() -> None:
    gate = WeightedSemaphore(4)
    order: list[str] = []

    async def visit(name: str, weight: int) -> None:
        await gate.enter(weight)
        order.append(name)

    await visit("first", 3)
    waiting = [asyncio.create_task(visit("heavy", 4)), asyncio.create_task(visit("light", 1))]
    await asyncio.sleep(0)
    assert (order, gate.waiting, gate.running) == (["first"], 2, 3)
    gate.leave(3)
    await asyncio.sleep(0)
    assert order == ["first", "heavy"]
    gate.leave(4)
    await asyncio.gather(*waiting)
    assert order == ["first", "heavy", "light"]
    gate.leave(1)
    assert gate.running == 0


async def test_leaving_the_queue_lets_the_next_in() -> None:
    gate = WeightedSemaphore(2)
    await gate.enter(1)
    heavy = asyncio.create_task(gate.enter(2))
    light = asyncio.create_task(gate.enter(1))
    await asyncio.sleep(0)
    heavy.cancel()
    await asyncio.gather(heavy, return_exceptions=True)
    await light
    assert gate.running == 2


async def test_cancelled_at_the_moment_of_entry_loses_no_place() -> None:
    gate = WeightedSemaphore(1)
    await gate.enter(1)
    late = asyncio.create_task(gate.enter(1))
    await asyncio.sleep(0)
    gate.leave(1)
    late.cancel()
    await asyncio.gather(late, return_exceptions=True)
    assert gate.running == 0
