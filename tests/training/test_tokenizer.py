"""The tokenizer writes every word the same way after a space and after a mark, and gives every text back."""

import pytest

pytest.importorskip("tokenizers")

from training.tokenizer import CONTROL, VISIBLE, load


def test_unseen_words_have_the_same_pieces_everywhere():
    tokenizer = load()
    bare = tokenizer.encode("thorbax").tokens
    for before in (" ", '"', ">", "(", "\n", " say: "):
        assert tokenizer.encode(before + "thorbax").tokens[-len(bare) :] == bare


def test_digits_are_single():
    assert load().encode("1234567").tokens == list("1234567")


def test_marks_are_one_token_and_only_control_marks_are_special():
    tokenizer = load()
    for mark in CONTROL + VISIBLE:
        assert tokenizer.encode(f"a{mark}b").tokens[1] == mark
    ids = [tokenizer.token_to_id(mark) for mark in CONTROL + VISIBLE]
    assert tokenizer.decode(ids, skip_special_tokens=True) == "".join(VISIBLE)


@pytest.mark.parametrize("text", ["  two  spaces ", "a\r\n\n\tb", "naïve Ω ж 你好，世界 😀", "'select' isn't"])
def test_decoding_gives_the_text_back(text):
    tokenizer = load()
    assert tokenizer.decode(tokenizer.encode(text).ids) == text
