"""The tokenizer is a byte-level BPE for both checkpoints, made so that a tiny model can copy words it never saw.

No merge joins a space to anything, except a last group that joins it to frequent whole words: so an unseen name has
the same pieces after a space as after a quote or a bracket. Digits stay single. It splits like llama.cpp's "qwen2".

    python -m training.tokenizer --out training/tokenizer.json
"""

import argparse
import collections
import itertools
import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

PRE_TOKENIZER = "qwen2"  # llama.cpp's name of SPLIT
SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)
LEARN_SPLIT = r"\p{L}+|\p{N}|[^\s\p{L}\p{N}]+|[\r\n]+|\s"
CONTROL = ("]!p~[", "]~b]", "[e~[", "]!d~[", "]~!b[", "]<]image[>[", "]<]video[>[", "]<]start of image[>[",
           "]<]end of image[>[", "]<]vision pad[>[")
# Printed like text, because parsers look for them: specs mark them as added but not special.
VISIBLE = ("<think>", "</think>", "<minimax:tool_call>", "</minimax:tool_call>", "]<]minimax[>[", "<mm:think>",
           "</mm:think>")
PAD, TURN, END, UNKNOWN, BEGIN = range(5)
SPACE = "Ġ"
FILE = Path(__file__).with_name("tokenizer.json")


def _letters(texts: Iterable[str]) -> Iterator[str]:
    marks = re.compile("|".join(re.escape(mark) for mark in CONTROL + VISIBLE))
    for text in texts:
        yield from (part for part in marks.split(text) if part)


def _words(texts: list[str], learned: Tokenizer, limit: int) -> list[str]:
    """Frequent whole words after a space that are one token, and seldom only the beginning of a longer word."""
    seen: collections.Counter[str] = collections.Counter()
    for text in texts:
        seen.update(re.findall(r" ([A-Za-z]+)", text))
    whole: collections.Counter[str] = collections.Counter()
    begun: collections.Counter[str] = collections.Counter()
    for word, count in seen.items():
        pieces = learned.encode(word).tokens
        (whole if len(pieces) == 1 else begun)[pieces[0]] += count
    good = [word for word, count in whole.most_common() if begun[word] * 20 <= count]
    return good[:limit]


def learn(texts: list[str], vocab: int, words: int) -> Tokenizer:
    """A tokenizer of exactly `vocab` entries, at most `words` of them a space with a word."""
    texts = list(_letters(texts))
    learned = Tokenizer(models.BPE())
    learned.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(LEARN_SPLIT), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    marks = CONTROL + VISIBLE
    trainer = trainers.BpeTrainer(
        vocab_size=vocab - len(marks) - words,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        max_token_length=16,
        show_progress=False,
    )
    learned.train_from_iterator(texts, trainer)
    merges = [tuple(merge) for merge in json.loads(learned.to_str())["model"]["merges"]]
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = [*marks, *alphabet]
    known = set(tokens)
    for left, right in merges:
        if left + right not in known:
            known.add(left + right)
            tokens.append(left + right)
    for word in _words(texts, learned, vocab - len(tokens)):
        if SPACE + word not in known:
            known.add(SPACE + word)
            tokens.append(SPACE + word)
            merges.append((SPACE, word))
    ids = {token: number for number, token in enumerate(tokens)}
    result = Tokenizer(models.BPE(vocab=ids, merges=merges))
    result.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(SPLIT), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    result.decoder = decoders.ByteLevel()
    result.add_special_tokens([AddedToken(mark, normalized=False, special=True) for mark in CONTROL])
    result.add_tokens([AddedToken(mark, normalized=False, special=False) for mark in VISIBLE])
    return result


def load(path: Path = FILE) -> Tokenizer:
    """The tokenizer that was learned and stored."""
    return Tokenizer.from_file(str(path))


def main() -> None:
    """Learn the tokenizer from examples of both families and store it."""
    from training.data import rendered
    from training.generator import examples

    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--out", type=Path, default=FILE)
    reader.add_argument("--examples", type=int, default=6000)
    reader.add_argument("--vocab", type=int, default=3072)
    reader.add_argument("--words", type=int, default=900)
    given = reader.parse_args()
    texts = [
        "".join(rendered(example, family))
        for family in ("m2", "m3")
        for example in itertools.islice(examples(7, family), given.examples)
    ]
    result = learn(texts, given.vocab, given.words)
    spare = given.out.with_suffix(".tmp")
    result.save(str(spare))
    os.replace(spare, given.out)
    lengths = [len(encoding.ids) for encoding in result.encode_batch(texts[:: len(texts) // 500])]
    print(f"{result.get_vocab_size()} tokens; an example has {sum(lengths) / len(lengths):.0f} on average")


if __name__ == "__main__":
    main()
