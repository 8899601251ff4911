"""The five fields in which MiniMax tells that a prompt or an answer is sensitive (docs/wire/minimax.md §4.7).

`output_sensitive_int` is documented nowhere and 0 in every sample: it stays 0.
"""

from __future__ import annotations

from ...chat import FinishReason, SensitiveAnswer, Sensitivity, category_of

HARMLESS = (
    b',"input_sensitive":false,"output_sensitive":false,"input_sensitive_type":0,"output_sensitive_type":0,'
    b'"output_sensitive_int":0}\n\n'
)
"""The end of a chunk, where nothing was found."""

_BOOLEANS = (b"false", b"true")


def flags(found: Sensitivity | None) -> bytes:
    """Return the end of a chunk that tells what was found."""
    if found is None:
        return HARMLESS
    return (
        b',"input_sensitive":' + _BOOLEANS[bool(found.input)] + b',"output_sensitive":' + _BOOLEANS[bool(found.output)]
        + b',"input_sensitive_type":' + str(found.input).encode()
        + b',"output_sensitive_type":' + str(found.output).encode() + b',"output_sensitive_int":0}\n\n'
    )  # fmt: skip


def refuse(reason: FinishReason, found: Sensitivity | None) -> None:
    """Raise `SensitiveAnswer` for an answer that was blocked: in this API that is an error."""
    if reason == "content_filter":
        category = category_of(0 if found is None else found.output)
        raise SensitiveAnswer(
            f"The answer was blocked: it holds what this server does not let pass ({category}).", category=category
        )
