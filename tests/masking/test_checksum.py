"""Our check digits beside python-stdnum's."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maxserve.masking.checksum import chinese, luhn, mod97
from maxserve.masking.money import _IBAN_LENGTHS

luhn_of_stdnum = pytest.importorskip("stdnum.luhn")
iban = pytest.importorskip("stdnum.iban")
iso7064 = pytest.importorskip("stdnum.iso7064.mod_11_2")


@given(st.text(alphabet="0123456789", min_size=2, max_size=19))
def test_luhn(digits: str) -> None:
    assert luhn(digits) == luhn_of_stdnum.is_valid(digits)
    assert luhn(digits + luhn_of_stdnum.calc_check_digit(digits))


@given(st.text(alphabet="0123456789", min_size=17, max_size=17))
def test_chinese(digits: str) -> None:
    assert chinese(digits + iso7064.calc_check_digit(digits))
    for last in "0123456789X":
        assert chinese(digits + last) == iso7064.is_valid(digits + last)


def test_the_lengths_of_accounts_are_those_of_the_registry() -> None:
    draw = random.Random(1)
    for country, length in _IBAN_LENGTHS.items():
        bare = "".join(draw.choices("0123456789", k=length - 4))
        account = country + iban.calc_check_digits(f"{country}00{bare}") + bare
        assert mod97(account)
        assert not mod97(account[:-1] + str((int(account[-1]) + 1) % 10))
