"""Limits, cache and log together, under contention, on both databases."""

from __future__ import annotations

import asyncio
import re

import msgspec
import pytest

from maxserve.chat import RateLimited, SpendLimited
from maxserve.gateway import CustomCost, GatewaySettings, Options, SpendLimit
from maxserve.gateway.gateways import Gateways
from maxserve.gateway.log import forget, judge, line, lines, trim
from maxserve.gateway.record import Cached, Call, Entry, Hold, Wanted
from maxserve.store.database import Database
from maxserve.store.ulid import ulid

NOW = 1_795_000_000.0
ANSWER = Cached(b"{}", "application/json", "demo-m2")


def gateways(database: Database, **settings: object) -> Gateways:
    default = GatewaySettings(**settings)  # type: ignore[arg-type]
    return Gateways(database, {"default": default}, room=10_000, clock=lambda: NOW)


def call(body: bytes = b"{}", account: str = "a", model: str = "MiniMax-M2.7", **options: object) -> Call:
    asked = Options(**options)  # type: ignore[arg-type]
    return Call(account=account, gateway="g", path="/p", model=model, body=body, mask=False, options=asked)


def entry(at: float = NOW, **fields: object) -> Entry:
    base: dict[str, object] = {
        "id": ulid(at), "account": "a", "gateway": "g", "created_at": at, "path": "/p", "model": "m", "success": True,
        "status_code": 200, "cached": False, "duration": 12, "tokens_in": 3, "tokens_out": 4, "cost": 0.5,
        "custom_cost": False, "metadata": {"team": "x"}, "step": 0, "event_id": None, "request_size": 2,
        "request_content_type": "application/json", "response_size": 2, "response_content_type": "application/json",
        "request": b"{}", "response": b"{}",
    }  # fmt: skip
    return Entry(**{**base, **fields})  # type: ignore[arg-type]


async def test_a_rate_limit_holds_for_two_hundred_at_once(database: Database) -> None:
    gateway = gateways(database, rate_limit=20, rate_interval_s=3600, rate_technique="sliding")
    outcomes = await asyncio.gather(*(gateway.admit(call(), 0) for _ in range(200)), return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, RateLimited)]
    assert len(refused) == 180
    assert all(error.retry_after is not None and 0 < error.retry_after <= 3700 for error in refused)
    assert await gateway.admit(call(account="b"), 0) == []  # another account has a limit of its own


async def test_a_budget_is_never_exceeded_and_exact_after_settling(database: Database) -> None:
    rule = SpendLimit(id="day", limit=1.0, window_s=86_400)
    gateway = gateways(database, spend_limits=(rule,))

    async def one() -> float:
        try:
            holds = await gateway.admit(call(), 0.03)
        except SpendLimited:
            return 0.0
        await gateway.finish(call(), holds, 0.01, entry(cost=7.0))
        return 0.01

    spent = sum(await asyncio.gather(*(one() for _ in range(200))))
    assert 0.3 < spent <= 1.0
    for _ in range(200):  # one after the other, until what a request may cost no longer fits
        spent += await one()
    assert 0.97 < round(spent, 9) <= 1.0
    with pytest.raises(SpendLimited, match="rule 'day'"):
        await gateway.admit(call(), 0.03)


async def test_a_budget_of_its_own_for_each_value(database: Database) -> None:
    rule = SpendLimit(id="team", limit=1, window_s=60, per=("team",), metadata={"env": "prod"}, models=("MiniMax-M3",))
    gateway = gateways(database, spend_limits=(rule,))
    prod = {"model": "MiniMax-M3", "metadata": {"team": "a", "env": "prod"}}
    assert await gateway.admit(call(**prod), 1.0)  # type: ignore[arg-type]
    with pytest.raises(SpendLimited, match=re.escape("rule 'team' (cost limit 1 per 60s, fixed)")):
        await gateway.admit(call(**prod), 0.1)  # type: ignore[arg-type]
    assert await gateway.admit(call(model="MiniMax-M3", metadata={"team": "b", "env": "prod"}), 1.0)
    assert await gateway.admit(call(model="MiniMax-M3", metadata={"team": "a"}), 9.0) == []
    assert await gateway.admit(call(metadata={"team": "a", "env": "prod"}), 9.0) == []


async def test_a_refused_budget_takes_nothing_from_the_rate(database: Database) -> None:
    gateway = gateways(database, rate_limit=2, spend_limits=(SpendLimit(id="x", limit=1, window_s=60),))
    with pytest.raises(SpendLimited):
        await gateway.admit(call(), 2.0)
    for _ in range(2):
        await gateway.admit(call(), 0.1)
    with pytest.raises(RateLimited):
        await gateway.admit(call(), 0.1)


async def test_the_cache_is_off_until_asked_for(database: Database) -> None:
    gateway = gateways(database)
    await gateway.finish(call(), [], 0, entry(), ANSWER)
    assert await gateway.find(call()) is None
    await gateway.finish(call(cache_key="k"), [], 0, entry(), ANSWER)
    assert await gateway.find(call(b"other", cache_key="k")) == ANSWER
    assert await gateway.find(call(b"other", cache_key="k", skip_cache=True)) is None
    assert await gateway.find(call(b"other", cache_key="k", account="b")) is None
    await gateway.finish(call(b"1", cache_ttl_s=60.0), [], 0, entry(), ANSWER)
    assert await gateway.find(call(b"1", cache_ttl_s=60.0)) == ANSWER
    assert await gateway.find(call(b"2", cache_ttl_s=60.0)) is None


async def test_the_log_lists_shows_judges_and_forgets(database: Database) -> None:
    gateway = gateways(database)
    for number in range(5):
        made = entry(NOW + number, cached=number == 2, cost=float(number))
        await gateway.finish(call(log_payload=number != 3), [], 0, made)
    await gateway.finish(call(collect_log=False), [], 0, entry(NOW + 9))
    found, total = await database.read(lambda c: lines(c, "a", "g", Wanted(), 1, 2))
    assert (total, [e.created_at - NOW for e in found]) == (5, [4, 3])
    assert all(e.request is None for e in found)
    found, total = await database.read(lambda c: lines(c, "a", "g", Wanted(order="cost", descending=False), 2, 3))
    assert (total, [e.cost for e in found]) == (5, [3, 4])
    found, total = await database.read(lambda c: lines(c, "a", "g", Wanted(cached=True, since=NOW + 1), 1, 10))
    assert (total, found[0].metadata) == (1, {"team": "x"})
    one, silent = found[0].id, (await database.read(lambda c: lines(c, "a", "g", Wanted(), 2, 1)))[0][0].id
    assert (await database.read(lambda c: line(c, "a", "g", one))).response == b"{}"  # type: ignore[union-attr]
    assert (await database.read(lambda c: line(c, "a", "g", silent))).response is None  # type: ignore[union-attr]
    assert await database.read(lambda c: line(c, "b", "g", one)) is None
    assert await database.write(lambda c: judge(c, "a", "g", one, {"score": 5, "metadata": {"n": 1}}))
    assert (await database.read(lambda c: line(c, "a", "g", one))).metadata == {"n": 1}  # type: ignore[union-attr]
    assert not await database.write(lambda c: judge(c, "b", "g", one, {"score": 5}))
    await database.write(lambda c: trim(c, "a", "g", 3))
    assert await database.write(lambda c: forget(c, "a", "g", Wanted(), 2)) == 2
    assert (await database.read(lambda c: lines(c, "a", "g", Wanted(), 1, 10)))[1] == 1


def test_ids_sort_by_time_and_never_meet() -> None:
    ids = [ulid(NOW + number) for number in range(100)]
    assert ids == sorted(set(ids))
    assert all(re.fullmatch(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", each) for each in ids)


def test_a_requests_own_cost() -> None:
    assert CustomCost(per_token_in=0.1, per_token_out=0.2).of(3, 4) == pytest.approx(1.1)
    assert CustomCost(total=7.0).of(3, 4) == 7.0


async def test_who_leaves_while_being_let_in_holds_nothing(database: Database) -> None:
    gateway = gateways(database, spend_limits=(SpendLimit(id="x", limit=1, window_s=60),))
    task = asyncio.ensure_future(gateway.admit(call(), 0.9))
    await asyncio.sleep(0)  # the write is on its way
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    async def again() -> list[Hold]:
        while True:
            await gateway.settled()
            try:
                return await gateway.admit(call(), 0.9)
            except SpendLimited:
                await asyncio.sleep(0)

    assert await asyncio.wait_for(again(), 10)


async def test_a_full_log_keeps_exactly_the_newest(database: Database) -> None:
    gateway = gateways(database)
    for number in range(6):
        await gateway.finish(call(), [], 0, entry(NOW, id=f"{number:026}"))
    await database.write(lambda c: trim(c, "a", "g", 4))
    found, total = await database.read(lambda c: lines(c, "a", "g", Wanted(), 1, 10))
    assert (total, [int(each.id) for each in found]) == (4, [5, 4, 3, 2]), "all of the same moment"


async def test_every_gateways_log_is_trimmed_whoever_else_is_busy(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("maxserve.gateway.gateways._TIDY_EVERY", 2)
    gateway = gateways(database, max_logs=2)
    for number in range(5):
        for name in ("g", "h"):
            owned = msgspec.structs.replace(call(), gateway=name)
            await gateway.finish(owned, [], 0, entry(NOW + number, gateway=name))
    for name in ("g", "h"):
        assert (await database.read(lambda c, name=name: lines(c, "a", name, Wanted(), 1, 1)))[1] == 2


async def test_long_values_of_metadata_have_budgets_of_their_own(database: Database) -> None:
    gateway = gateways(database, spend_limits=(SpendLimit(id="x", limit=1, window_s=60, per=("who",)),))
    for who in ("a" * 9000, "a" * 8999 + "b"):
        assert await gateway.admit(call(metadata={"who": who}), 0.9)
        with pytest.raises(SpendLimited):
            await gateway.admit(call(metadata={"who": who}), 0.9)
