"""What a stream of text may never do: differ from the whole, or let go of a piece of a secret."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maxserve.masking import LIMIT, Policy

from .seeds import FRAGMENTS, POLICY, SECRETS, SIZES, pieces, streamed, texts

POLICY.warm()  # so that no example pays for it


@settings(max_examples=800, deadline=None)
@given(text=texts(), sizes=SIZES)
def test_a_stream_is_masked_as_the_whole_and_lets_nothing_go_early(text: str, sizes: list[int]) -> None:
    whole = POLICY.mask(text)
    mask = POLICY.text()
    out = ""
    for piece in pieces(text, sizes):
        out += mask.feed(piece)
        # All that has left at any time is in the masked whole: no beginning of a secret, not one character.
        assert whole.startswith(out)
        assert mask.held <= LIMIT + 1
    assert out + mask.finish() == whole


@settings(max_examples=400, deadline=None)
@given(text=texts(6), other=texts(3), cut=st.integers(0, 400))
def test_what_has_left_holds_however_the_text_goes_on(text: str, other: str, cut: int) -> None:
    begun = text[:cut]
    out = POLICY.text().feed(begun)
    assert POLICY.mask(begun).startswith(out)
    assert POLICY.mask(text).startswith(out)
    assert POLICY.mask(begun + other).startswith(out)


@pytest.mark.parametrize("secret", SECRETS)
def test_no_character_of_a_secret_leaves_before_it_is_masked(secret: str) -> None:
    before = "Here it is, "
    whole = POLICY.mask(before + secret + " and more.")
    assert "[" in whole
    mask = POLICY.text()
    out = ""
    for letter in before + secret:
        out += mask.feed(letter)
        shown = out.removeprefix(whole[: whole.index("[")])
        assert shown == "" or whole.startswith(out)


def test_a_stream_that_is_cut_keeps_what_is_held() -> None:
    mask = POLICY.text()
    assert mask.feed("Card 4111 1111 1111 11") == "Card "
    assert mask.held == len("4111 1111 1111 11")


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("The answer is ", "The answer is "),
        ("The answer", "The "),  # a word may become an e-mail address
        ("你好，世界", "你好，世界"),  # Chinese may not
        ("Yes.\n\n", "Yes.\n\n"),
        ("in 1999 we ", "in 1999 we "),
        ("in 1999, ", "in "),  # 1999, rue de …
        ("call +49 30", "call "),
        ("a - b -", "a - b "),
        ("Anna ", ""),
        ("Anna was", "Anna "),
    ],
)
def test_only_the_end_that_could_become_a_secret_is_held(text: str, passes: str) -> None:
    assert POLICY.text().feed(text) == passes


def test_a_long_key_is_not_held_beyond_the_bound() -> None:
    mask = POLICY.text()
    out = mask.feed("key sk-" + "a1B2" * 100)
    assert (out, mask.held) == ("key [API_KEY]", 0)
    assert mask.feed("c3D4" * 1000) == ""
    assert mask.feed(" ok") + mask.finish() == " ok"


def test_a_private_key_is_not_held_at_all() -> None:
    mask = POLICY.text()
    assert mask.feed("-----BEGIN RSA PRIVATE KEY-----\nMII") == "[PRIVATE_KEY]"
    for _ in range(100):
        assert mask.feed("abcdEFGH0123+/==" * 4 + "\n") == ""
        assert mask.held == 0
    assert mask.feed("-----END RSA PRIVATE KEY-----\nDone. ") == "\nDone. "


def test_a_private_key_that_is_only_spoken_of_ends_where_prose_goes_on() -> None:
    text = "It begins with -----BEGIN PRIVATE KEY----- and ends with -----END PRIVATE KEY-----."
    assert POLICY.mask(text) == "It begins with [PRIVATE_KEY] and ends with -----END PRIVATE KEY-----."


def test_the_bound_of_each_detector_holds() -> None:
    for detector in POLICY.detectors:
        assert 2 < detector.longest <= LIMIT + 2
        alone = Policy(detectors=(detector.name,)) if detector.name in Policy().names() else None
        if alone is None:
            continue
        for fragment in FRAGMENTS:
            mask = alone.text()
            for letter in fragment * 2:
                mask.feed(letter)
                assert mask.held <= detector.longest


def test_stars_are_the_vendors() -> None:
    assert streamed("Mail a@b.com now", [3], Policy().text()) == "Mail *** now"


def test_an_empty_policy_holds_nothing() -> None:
    mask = Policy(detectors=()).text()
    assert mask.feed("a@b.co 4111") == "a@b.co 4111"
    assert mask.held == 0


def test_what_is_found_is_told_by_place_and_detector() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----"
    text = f"a@b.com c@d.org\n{key} sk-{'a1B2' * 100}."
    found = [(text[each.start : each.end], each.detector) for each in POLICY.find(text)]
    assert found == [("a@b.com", "email"), ("c@d.org", "email"), (key, "private_key"), (text[-404:-1], "api_key")]
