"""When a webhook is tried again."""

from __future__ import annotations

from typing import Literal

import pytest

from maxserve.webhooks.retry_schedule import LONGEST_WISH_S, RetrySchedule, retry_after_seconds

DAY = 86_400


def even() -> float:
    return 0.5


def pauses(schedule: RetrySchedule) -> list[float]:
    found = []
    while (pause := schedule.pause(len(found) + 1)) is not None:
        found.append(pause)
    return found


def test_the_vendors_pauses_double_up_to_eight_seconds() -> None:
    schedule = RetrySchedule("vendor", 8, chance=even)
    assert pauses(schedule) == [0.25, 0.5, 1, 2, 4, 8, 8]
    assert schedule.attempts == 8
    assert RetrySchedule("vendor", 1).pause(1) is None


def test_the_long_one_begins_like_the_vendors_and_goes_on_for_three_days() -> None:
    schedule = RetrySchedule("long", 8, chance=even)
    found = pauses(schedule)
    assert found[:6] == [0.25, 0.5, 1, 2, 4, 8]
    assert found == sorted(found)
    assert len(found) + 1 == schedule.attempts == 18
    assert 2.9 * DAY < sum(found) < 3.1 * DAY


@pytest.mark.parametrize("chance", [0.0, 0.999])
@pytest.mark.parametrize("name", ["vendor", "long"])
def test_pauses_vary_by_a_fifth_and_the_vendors_never_exceed_their_cap(
    name: Literal["vendor", "long"], chance: float
) -> None:
    even_ones = pauses(RetrySchedule(name, 8, chance=even))
    for pause, middle in zip(pauses(RetrySchedule(name, 8, chance=lambda: chance)), even_ones, strict=True):
        assert 0.8 * middle <= pause <= 1.2 * middle
        assert middle > 8 or pause <= 8
    drawn = {RetrySchedule(name, 8).pause(3) for _ in range(50)}
    assert len(drawn) > 10


def test_a_receivers_wish_makes_a_pause_longer_within_a_limit() -> None:
    schedule = RetrySchedule("vendor", 3, chance=even)
    assert schedule.pause(1, 0.0) == 0.25
    assert schedule.pause(1, 30.0) == 30
    assert schedule.pause(1, 10.0**9) == LONGEST_WISH_S
    assert schedule.pause(3, 30.0) is None


@pytest.mark.parametrize(
    ("status", "retry_after", "expected"),
    [
        (429, "7", 7), (503, " 120 ", 120), (503, "0", 0), (429, "Sun, 22 Nov 2026 00:01:00 GMT", 60),
        (503, "Sat, 21 Nov 2026 23:00:00 GMT", 0), (503, "Sunday, 22-Nov-26 00:01:00 GMT", 60), (500, "7", None),
        (429, None, None), (429, "soon", None), (429, "", None), (429, "-1", None), (429, "1.5", None),
        (429, "٧", None),
        (429, "Mon, 99 Foo 2026 00:00:00 GMT", None), (429, "9" * 400, 999_999_999_999),
    ],
)  # fmt: skip
def test_retry_after_is_read_in_seconds_and_as_a_date(status: int, retry_after: str | None, expected: object) -> None:
    midnight = 1_795_305_600.0  # 2026-11-22 00:00:00
    assert retry_after_seconds(status, retry_after, midnight) == expected
