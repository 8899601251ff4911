"""The load generator against real small servers on loopback; nothing here depends on how fast anything is."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from maxserve.bench import Limits, Side, Target, Workload, drive, first_model, measure, measure_ceiling
from maxserve.bench.comparison import Comparison, order, share
from maxserve.bench.instant import canned

STREAM = canned(True, 6)
WHOLE = canned(False, 6)


def response(status, body):
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)


REFUSED = response(503, b'{"error":{"message":"come later"}}')
MODELS = response(200, b'{"data":[{"id":"the-model"}]}')


@asynccontextmanager
async def serving(answer):
    """Serve `answer(number, writer)` for each request; yields the address and the list of requests."""
    seen = []

    async def handle(reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0]
                seen.append(head + await reader.readexactly(int(length or 0)))
                if await answer(len(seen) - 1, writer) is False:
                    return
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield Target.parse(f"http://127.0.0.1:{port}"), seen


def always(data):
    async def answer(number, writer):
        writer.write(data)

    return answer


LIMITS = Limits(requests=10, duration_s=60)


async def test_every_request_is_answered_once():
    async with serving(always(STREAM)) as (target, seen):
        run = await drive(target, Workload(model="m", seed=0), 3, LIMITS)
    summary = run.summary()
    assert (summary.requests, summary.errors, summary.cut) == (10, 0, 0)
    assert summary.frames_per_answer == 6
    assert summary.tokens_per_second is None  # the canned stream has no usage
    assert {s.partition(b'"seed":')[2].partition(b",")[0] for s in seen} == {b"%d" % i for i in range(10)}
    for quantiles in (summary.first_byte, summary.first_text, summary.total, summary.per_token):
        assert quantiles is not None
        assert quantiles.count == 10
        assert 0 <= quantiles.p50 <= quantiles.p99 <= quantiles.most


async def test_whole_answers_are_counted_by_usage():
    async with serving(always(WHOLE)) as (target, _):
        run = await drive(target, Workload(model="m", stream=False), 2, LIMITS)
    assert run.tokens == 60
    assert run.summary().tokens_per_second == pytest.approx(60 / run.seconds)


async def test_no_more_connections_than_requests():
    async with serving(always(WHOLE)) as (target, seen):
        await drive(target, Workload(model="m", stream=False), 50, Limits(requests=3, duration_s=60))
    assert len(seen) == 3


async def test_refusals_are_errors_and_do_not_stop_the_run():
    async def answer(number, writer):
        writer.write(REFUSED if number % 2 else STREAM)

    async with serving(answer) as (target, _):
        summary = (await drive(target, Workload(model="m"), 1, LIMITS)).summary()
    assert (summary.requests, summary.errors) == (5, 5)
    assert summary.reasons == {"503 come later": 5}


async def test_a_connection_that_ends_inside_an_answer_is_an_error_and_replaced():
    async def answer(number, writer):
        if number == 4:
            writer.write(STREAM[: len(STREAM) // 2])
            return False
        writer.write(STREAM)
        return True

    async with serving(answer) as (target, _):
        summary = (await drive(target, Workload(model="m"), 1, LIMITS)).summary()
    assert (summary.requests, summary.errors) == (9, 1)


async def test_a_server_that_closes_after_each_answer_is_driven_too():
    closing = STREAM.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)

    async def answer(number, writer):
        writer.write(closing)
        return False

    async with serving(answer) as (target, _):
        summary = (await drive(target, Workload(model="m"), 4, LIMITS)).summary()
    assert (summary.requests, summary.errors) == (10, 0)


async def test_what_is_not_http_is_an_error():
    async with serving(always(b"hello\r\n")) as (target, _):
        summary = (await drive(target, Workload(model="m"), 1, Limits(requests=2, duration_s=60))).summary()
    assert summary.errors == 2
    assert all(reason.startswith("not HTTP/1.1") for reason in summary.reasons)


async def test_the_time_limit_cuts_what_still_runs():
    async def answer(number, writer):
        if number == 0:
            writer.write(STREAM)
        else:
            await asyncio.sleep(3600)

    async with serving(answer) as (target, _):
        summary = (await drive(target, Workload(model="m"), 1, Limits(requests=10, duration_s=0.3))).summary()
    assert (summary.errors, summary.cut) == (0, 1)  # the first is answered, unless this machine took all the time


async def test_an_answer_that_never_comes_is_an_error():
    async def answer(number, writer):
        await asyncio.sleep(3600)

    limits = Limits(requests=2, duration_s=60, timeout_s=0.05)
    async with serving(answer) as (target, _):
        summary = (await drive(target, Workload(model="m"), 2, limits)).summary()
    assert summary.reasons == {"no answer in 0.05 s": 2}


async def test_nobody_there_is_one_clear_error():
    async with serving(always(b"")) as (target, _):
        pass
    with pytest.raises(OSError, match=r"."):
        await drive(target, Workload(model="m"), 4, LIMITS)


async def test_the_first_model_is_asked_for():
    async with serving(always(MODELS)) as (target, seen):
        assert await first_model(target) == "the-model"
    assert seen[0].startswith(b"GET /v1/models HTTP/1.1\r\n")


async def test_no_models_is_one_clear_error():
    async with serving(always(WHOLE)) as (target, _):
        with pytest.raises(LookupError, match="--model"):
            await first_model(target)


def test_rounds_turn_the_order_around():
    assert order(2, 3) == [(0, 0), (0, 1), (1, 1), (1, 0), (2, 0), (2, 1)]
    assert order(1, 2) == [(0, 0), (1, 0)]


def test_requests_are_shared_evenly():
    assert share(10, 4) == [2, 3, 2, 3]
    assert share(2, 5) == [1, 1]
    assert sum(share(64, 5)) == 64


async def test_two_addresses_run_in_turns_with_the_same_requests():
    seen = []

    def noting(name, data):
        async def answer(number, writer):
            seen.append((name, number))
            writer.write(data)

        return answer

    async with serving(noting("a", STREAM)) as (a, _), serving(noting("b", STREAM)) as (b, asked):
        sides = [Side(t, Workload(model="m", seed=0)) for t in (a, b)]
        levels = [level async for level in measure(sides, 1, Limits(requests=6, duration_s=60), 3)]
    assert "".join(name for name, _ in seen) == "aabb" + "bbaa" + "aabb"
    assert [level.rounds for level in levels] == [1, 2, 3]
    assert [s.requests for s in levels[-1].summaries] == [6, 6]
    assert isinstance(levels[-1].comparison, Comparison)
    assert [b'"seed":%d,' % i in request for i, request in enumerate(asked)] == [True] * 6


async def test_the_warm_up_is_not_counted():
    async with serving(always(STREAM)) as (target, seen):
        side = Side(target, Workload(model="m"))
        levels = [level async for level in measure([side], 2, Limits(requests=4, duration_s=60), 1, warmup=3)]
    assert len(seen) == 7
    assert levels[-1].summaries[0].requests == 4
    assert levels[-1].comparison is None


@pytest.mark.parametrize("stream", [True, False])
async def test_the_ceiling_is_measured_against_a_server_of_its_own(stream):
    ceiling = await measure_ceiling(stream, 8, 2, seconds=1.0)
    assert ceiling.requests_per_second > 0
    assert (ceiling.frames_per_second > 0) is stream
