"""The feed draws fresh examples for the trainer, many at a time, and lays them out as batches in random order."""

import itertools
import random

from tokenizers import Tokenizer

from training.data import Sample, batches, copies, samples
from training.model import CONTEXT, Family
from training.plan import Plan

SLOTS = 4096
SEGMENT = 1024
SHORTEST, SHORT = 320, 1024  # tokens of the longest text, at first and later


def feed(tokenizer: Tokenizer, family: Family, seed: int, plan: Plan, part: float, chance: random.Random) -> list[list[list[Sample]]]:
    """The batches of one pool, as the plan wants them at a part of the run; texts beyond the usual length are few."""
    kept: list[Sample] = []
    room = 40 * SLOTS
    most_long = plan.long * room if part >= plan.long_from else 0
    short = SHORTEST if part < plan.first_until else SHORT
    long = 0
    source = samples(tokenizer, family, seed, CONTEXT)
    while room > 0:
        sample = next(source)
        size = len(sample.ids)
        if size > short:
            if long + size > most_long:
                continue
            long += size
        kept.append(sample)
        room -= size
    if part < plan.copies_until:
        kept += itertools.islice(copies(tokenizer.get_vocab_size(), chance), len(kept) // 4)
    return batches(kept, SLOTS, SEGMENT, chance)
