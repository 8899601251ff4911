"""What the weights may be used for, and where GGUF files of them are found."""

from __future__ import annotations

import re

import msgspec


class Licence(msgspec.Struct, frozen=True):
    """A model's terms in our own words; `where` is the text that counts."""

    model: str
    title: str
    summary: str
    where: str


_LICENCES = {
    "M3": Licence(
        "MiniMax-M3",
        "MiniMax Community License",
        "Free for non-commercial use. Commercial use has to show 'Built with MiniMax M3'. Where your products earn "
        "more than 20 million US dollars a year you need MiniMax's permission beforehand; below that you send one "
        "notice to api@minimax.io.",
        "https://huggingface.co/MiniMaxAI/MiniMax-M3",
    ),
    "M2.7": Licence(
        "MiniMax-M2.7",
        "MiniMax M2.7 licence: non-commercial",
        "Not for commercial use: that includes offering it to others for money, as a hosted service or an API. That "
        "needs MiniMax's written permission beforehand (api@minimax.io, subject 'M2.7 licensing') and the words "
        "'Built with MiniMax M2.7'. Free are running it yourself for personal use, non-profit organisations, and "
        "research at universities. Military use is forbidden.",
        "https://huggingface.co/MiniMaxAI/MiniMax-M2.7",
    ),
    "M2.5": Licence(
        "MiniMax-M2.5",
        "MiniMax Model License (2026-02-13)",
        "Free of charge, worldwide. Whoever passes the weights on passes on the agreement and its notice too. Uses "
        "that its policy lists are forbidden. A commercial product shows the name 'MiniMax M2.5' in its interface.",
        "https://huggingface.co/MiniMaxAI/MiniMax-M2.5",
    ),
    "M2": Licence(
        "MiniMax-M2",
        "MIT",
        "Use it for anything; keep the copyright notice.",
        "https://huggingface.co/MiniMaxAI/MiniMax-M2",
    ),
}

REPOSITORIES = {
    "MiniMax-M3": ("unsloth/MiniMax-M3-GGUF",),
    "MiniMax-M2.7": ("unsloth/MiniMax-M2.7-GGUF", "bartowski/MiniMaxAI_MiniMax-M2.7-GGUF"),
    "MiniMax-M2.5": ("unsloth/MiniMax-M2.5-GGUF",),
    "MiniMax-M2.1": ("unsloth/MiniMax-M2.1-GGUF",),
    "MiniMax-M2": ("unsloth/MiniMax-M2-GGUF",),
}
"""GGUF conversions by others, the best known first; MiniMax itself publishes none."""

_MODEL = re.compile(r"minimax[-_. ]?(m\d(?:\.\d)?)(?![\d.]*\d)", re.IGNORECASE)


def model_of(name: str) -> str | None:
    """Return the model ("MiniMax-M2.7") that a repository's or model's name speaks of, None where it shows none."""
    found = _MODEL.findall(name)
    return f"MiniMax-{found[-1].upper()}" if found else None


def licence_of(name: str) -> Licence | None:
    """Return the terms of the model that a repository's name speaks of, None where we know none."""
    model = model_of(name)
    return _LICENCES.get(model.removeprefix("MiniMax-")) if model else None
