"""Random texts that the mask must treat alike, streamed and whole: `python -m tests.soak.masking_cases [--cases N]`.

Each case is a text seeded with secrets and cut at random. The stream must equal the whole, nothing may leave it that
the whole does not show, and what is held back must stay within its bound. Every tenth text is also put into the
arguments of a tool call, which must stay JSON. Exit code 1 at the first case that fails. `make soak` runs it.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Sequence

from maxserve.masking import LIMIT
from maxserve.masking.arguments import ArgumentMask
from tests.masking.seeds import FRAGMENTS, POLICY, pieces

_LETTERS = [
    chr(code) for code in (*range(32, 127), 0xA0, 0xDF, 0xE9, 0x17F, 0x4E2D, 0x5F20, 0x1F642, 0xFF11, 0x0A, 0x0D)
]


def text(draw: random.Random) -> str:
    """Return fragments, some of them damaged, with free characters between."""
    parts = []
    for _ in range(draw.randint(1, 10)):
        part = draw.choice(FRAGMENTS)
        if draw.random() < 0.2:
            at = draw.randrange(len(part) + 1)
            part = part[:at] + draw.choice(_LETTERS) + part[at + draw.randrange(2) :]
        parts.append(part if draw.random() < 0.85 else "".join(draw.choices(_LETTERS, k=draw.randint(0, 5))))
    return "".join(parts)


def failure(whole: str, sizes: list[int]) -> str | None:
    """Return what is wrong with the stream of a text, or None."""
    expected = POLICY.mask(whole)
    mask = POLICY.text()
    out = ""
    for piece in pieces(whole, sizes):
        out += mask.feed(piece)
        if not expected.startswith(out):
            return f"let go of {out!r}"
        if mask.held > LIMIT + 1:
            return f"held {mask.held} characters"
    out += mask.finish()
    return None if out == expected else f"gave {out!r}, not {expected!r}"


def failure_in_arguments(whole: str, sizes: list[int], ascii_only: bool) -> str | None:
    """Return what is wrong with the stream of a tool call's arguments that hold the text, or None."""
    raw = json.dumps({"note": whole, "phone": [whole[:40], 13812345678, 1.5]}, ensure_ascii=ascii_only)
    shown = []
    for parts in (sizes, [len(raw)]):
        mask = ArgumentMask(POLICY.machine)
        shown.append("".join([*map(mask.feed, pieces(raw, parts)), mask.finish()]))
    if shown[0] != shown[1]:
        return f"gave {shown[0]!r}, not {shown[1]!r}"
    found = json.loads(shown[0])
    return (
        None
        if found["note"] == POLICY.mask(f"note: {whole}")[6:] and found["phone"][1:] == [0, 1.5]
        else f"gave {found}"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the cases."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    args = parser.parse_args(argv)
    draw = random.Random(args.seed)
    began = time.monotonic()
    secrets = 0
    for number in range(args.cases):
        whole = text(draw)
        sizes = [draw.choice((1, 1, 2, 3, 4, 5, 8, 13, 60)) for _ in range(draw.randint(1, 5))]
        complaint = failure(whole, sizes)
        if complaint is None and number % 10 == 0:
            complaint = failure_in_arguments(whole, sizes, ascii_only=draw.random() < 0.5)
        if complaint:
            print(f"case {number} of seed {args.seed}: {whole!r} in pieces of {sizes}: {complaint}")
            return 1
        secrets += len(POLICY.find(whole))
    took = time.monotonic() - began
    print(f"{args.cases:,} cases of seed {args.seed} with {secrets:,} secrets in {took:.0f} s: all right")
    return 0


if __name__ == "__main__":
    sys.exit(main())
