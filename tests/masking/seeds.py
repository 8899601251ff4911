"""Texts seeded with secrets, and with what looks like the beginning of one."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from maxserve.masking import Policy, TextMask

SECRETS = [
    "john.doe+x@example.co.uk", "a@b.com", "+49 30 901820", "(212) 555-0123", "Tel. 030 1234567", "手机13812345678",
    "4111 1111 1111 1111", "5500005555555559", "DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432",
    "11010519491231002X", "123-45-6789", "SSN: 123 45 6789", "passport no. C01X00T47", "192.168.1.17", "2001:db8::8:17",
    "123 Main Street, Springfield, IL 62704", "Hauptstraße 12, 10115 Berlin", "12 rue de la Paix, 75002 Paris",
    "Calle Mayor 15, 28013 Madrid", "北京市朝阳区建国路88号院3号楼", "sk-proj-abcDEF1234567890abcDEF1234567890",
    "ghp_" + "aB3" * 12, "AKIAIOSFODNN7EXAMPLE", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcDEF123_-" + "x9" * 200,
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\nabc/def+==\n-----END RSA PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----\\nMIIEowIBAAK\\n-----END PRIVATE KEY-----", "Anna Schmidt", "张三丰", "EMP-123456",
    "sk-" + "a1B2" * 100,
]  # fmt: skip

FRAGMENTS = [
    *SECRETS, "a", "word ", " ", ".", ",", "-", "--", "-----", "-----BEGIN ", "@", "@b.co", "m", "\n",
    "+", "+4", "(", ")", "1", "12", "12 ", "2024-01-15 ", "12:30:45", "1.2.3.", "::", "sk-", "gh",
    "eyJ", "DE89", " 3704", "Hauptstra", "straße ", "Calle ", "12 rue ", "北京", "路", "号", "Anna",
    " Schmidt", "ann", "张", "三", "é", "ß", "Ü", "🙂", "\u00a0", "_", "/", ":", "x" * 70, "9" * 30,
    "tel ", "A" * 300, "a." * 140, "1 " * 40, "EMP-", "ſ", "İ",
]  # fmt: skip

POLICY = Policy(style="labels", names=("Anna Schmidt", "张三丰"), patterns=("staff=EMP-\\d{6}",))

SIZES = st.lists(st.integers(1, 12), min_size=1, max_size=5)


def texts(most: int = 10) -> st.SearchStrategy[str]:
    """Texts of fragments and a few free characters."""
    return st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=3), max_size=most).map("".join)


def pieces(text: str, sizes: Sequence[int]) -> list[str]:
    """Cut a text into pieces of these sizes, over and over."""
    found, at, turn = [], 0, 0
    while at < len(text):
        size = sizes[turn % len(sizes)]
        found.append(text[at : at + size])
        at, turn = at + size, turn + 1
    return found


def streamed(text: str, sizes: Sequence[int], mask: TextMask | None = None) -> str:
    """Mask a text that comes in pieces."""
    mask = POLICY.text() if mask is None else mask
    return "".join([*map(mask.feed, pieces(text, sizes)), mask.finish()])
