"""What each detector finds, and what it leaves alone."""

from __future__ import annotations

import re

import pytest

from maxserve.masking import DETECTORS, Policy

LABELS = Policy(style="labels", names=("Anna Schmidt", "张三丰", "O'Brien"), patterns=("staff=EMP-\\d{6}",))

FOUND = [
    ("Mail jane.doe+news@mail.example.co.uk.", "Mail [EMAIL]."),
    ("邮箱是zhang_san@163.com，谢谢", "邮箱是[EMAIL]，谢谢"),
    ("<jane@example.com>; jim@example.org", "<[EMAIL]>; [EMAIL]"),
    ("write to jane@example.com.Please", "write to [EMAIL].Please"),
    ("call +1 (212) 555-0123 or +44 20 7946 0018", "call [PHONE] or [PHONE]"),
    ("Rufen Sie 030 901820 an", "Rufen Sie [PHONE] an"),
    ("reach me on 07700 900461 or WhatsApp +52 1 55 1234 5678", "reach me on [PHONE] or WhatsApp [PHONE]"),
    ("手机号13812345678", "手机号[PHONE]"),
    ("Mi teléfono es 612 345 678.", "Mi teléfono es [PHONE]."),
    ("Appelez le 01 42 68 53 00.", "Appelez le [PHONE]."),
    ("4111 1111 1111 1111.5 and 123-45-6789.5", "[CARD].5 and [SSN].5"),
    ("card 4111-1111-1111-1111, amex 378282246310005", "card [CARD], amex [CARD]"),
    ("IBAN: GB82WEST12345698765432.", "IBAN: [IBAN]."),
    ("DE89 3704 0044 0532 0130 00 and", "[IBAN] and"),
    ("身份证号11010519491231002X。", "身份证号[CN_ID]。"),
    ("SSN 123-45-6789", "SSN [SSN]"),
    ("SSN:123-45-6789, card=4111111111111111, tel:030 901820", "SSN:[SSN], card=[CARD], tel:[PHONE]"),
    ("social security number 123 45 6789", "social security number [SSN]"),
    ("passport C01X00T47 and Reisepass: C01X00T47", "passport [PASSPORT] and Reisepass: [PASSPORT]"),
    ("护照号码E12345678", "护照号码[PASSPORT]"),
    ("from 203.0.113.7:8080 and [2001:db8::7]", "from [IP]:8080 and [[IP]]"),
    ("at 123 N. Main St., Apt 4B, Springfield, IL 62704.", "at [ADDRESS]."),
    ("10 Downing Street, London SW1A 2AA", "[ADDRESS]"),
    ("Am Sandberg 14, 01705 Freital", "[ADDRESS]"),
    ("Karl-Marx-Allee 93a, 10243 Berlin", "[ADDRESS]"),
    ("12 bis, rue de la Paix, 75002 Paris", "[ADDRESS]"),
    ("Calle de Alcalá, 42, 28014 Madrid", "[ADDRESS]"),
    ("上海市浦东新区世纪大道100号20楼", "[ADDRESS]"),
    ("token ghp_" + "aB3dE6" * 6 + "!", "token [API_KEY]!"),
    ("AWS AKIAIOSFODNN7EXAMPLE", "AWS [API_KEY]"),
    ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "aws_secret_access_key = [API_KEY]"),
    ("Authorization: Bearer abc123DEF456ghi789JKL", "Authorization: [API_KEY]"),
    ("ANNA SCHMIDT, Anna\nSchmidt's and 我是张三丰吗 and o'brien", "[NAME], [NAME]'s and 我是[NAME]吗 and [NAME]"),
    ("badge EMP-123456.", "badge [STAFF]."),
]  # fmt: skip

LEFT_ALONE = [
    "git@github.com:user/repo.git and @app.route and lodash@4.17.21 and W @ x.T",
    "https://user@host.example.com/path",
    "Am 12. Mai 2024 um 10 Uhr, Im Jahr 2020, Zum Preis von 10",
    "pkg@1.0.0-rc.one, a@b, user@host",
    "version 1.2.3.4, v10.0.0.1, pip install x==1.2.3.4, chapter 1.2.3.4",
    "127.0.0.1 and 0.0.0.0 and 255.255.255.0 and 999.1.1.1 and 1.2.3.4.5",
    "row[1::2], row[::3], std::vector, a::b, Face::Bed, 12:30:45, 00:1A:2B:3C:4D:5E",
    "ISBN 978-3-16-148410-0, EAN 4006381333931",
    "order 13812345678, invoice no. 20240115001, ticket 4111",
    "Call order number 2125550123 ready",
    "4111 1111 1111 1112 and 1234567890123456",
    "DE88 3704 0044 0532 0130 00",
    "110105194912310021 and 110105194913310021",
    "000-12-3456, 666-12-3456, 123-00-4567, 123-45-67890, 2024-01-15",
    "C01X00T47 without its word",
    "sha 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "550e8400-e29b-41d4-a716-446655440000",
    "sk-learn-compatible-estimators-and-pipelines",
    "the 3 Main Streets of 12 Monkeys; a street of 5 houses; Platz 1",
    "$1,234.56 or 1.234,56 € at 12:30 on 15.01.2024, 3.14159265",
    "if (x == 123456789012) return 0x7fffffff;",
    "Annabel Schmidtke and EMP-12345 and XEMP-123456",
    "+1 is one more; 1+1=2; +100 points; (3) and (45)",
    "8.8 out of 10, 7/11, 24/7, 9-1-1",
]  # fmt: skip


@pytest.mark.parametrize(("text", "masked"), FOUND)
def test_found(text: str, masked: str) -> None:
    assert LABELS.mask(text) == masked


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_left_alone(text: str) -> None:
    assert LABELS.mask(text) == text


@pytest.mark.parametrize("name", DETECTORS)
def test_a_detector_alone_finds_only_its_own(name: str) -> None:
    alone = Policy(style="labels", detectors=(name,))
    label = f"[{DETECTORS[name].label}]"
    found = 0
    for text, _ in FOUND:
        masked = alone.mask(text)
        found += label in masked
        assert not set(re.findall(r"\[([A-Z_]+)\]", masked)) - {DETECTORS[name].label}
    assert found or name == "private_key"


def test_the_key_of_no_detector_is_masked_where_all_are_off() -> None:
    policy = Policy(detectors=())
    assert not policy.wanted(True)
    assert all(policy.mask(text) == text for text, _ in FOUND)


def test_a_request_says_whether_it_is_masked_and_else_the_policy() -> None:
    for default in (True, False):
        policy = Policy(default=default)
        assert [policy.wanted(asked) for asked in (True, False, None)] == [True, False, default]
