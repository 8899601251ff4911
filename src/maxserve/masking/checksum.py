"""Check digits: what tells a card, an account or an identity number from any other row of digits."""

from __future__ import annotations

_CHINESE_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHINESE_CHECKS = "10X98765432"
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    numbers = [int(digit) for digit in reversed(digits)]
    return sum(numbers[0::2] + [_DOUBLED[number] for number in numbers[1::2]]) % 10 == 0


def mod97(account: str) -> bool:
    """Whether characters 3 and 4 are the check digits of an IBAN in capitals, without blanks (ISO 7064)."""
    return int("".join(str(int(letter, 36)) for letter in account[4:] + account[:4])) % 97 == 1


def chinese(number: str) -> bool:
    """Whether the 18th character is the check of the 17 digits before it (GB 11643, ISO 7064 mod 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _CHINESE_WEIGHTS, strict=True))
    return _CHINESE_CHECKS[total % 11] == number[17].upper()
