"""Masking of events: every field, every result by itself, and nothing when it fails."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maxserve.chat import (
    CompletionBuilder,
    Event,
    Finished,
    InternalError,
    Progress,
    ReasoningDelta,
    Started,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    ToolCallStarted,
)
from maxserve.masking import Filter, Policy

from .seeds import POLICY, SIZES, pieces, texts


def text(found: Sequence[Event], index: int = 0) -> str:
    return "".join(event.text for event in found if isinstance(event, TextDelta) and event.index == index)


def thought(found: Sequence[Event], index: int = 0) -> str:
    return "".join(event.text for event in found if isinstance(event, ReasoningDelta) and event.index == index)


def arguments(found: Sequence[Event], call: int = 0) -> str:
    return "".join(event.arguments for event in found if isinstance(event, ToolCallDelta) and event.call == call)


def run(*batches: list[Event], policy: Policy = POLICY) -> list[Event]:
    mask = policy.filter()
    return [event for batch in batches for event in mask.feed(batch)]


def test_thought_text_and_arguments_are_masked() -> None:
    found = run(
        [Started("c"), Progress(1, 2)],
        [ReasoningDelta(0, "ask a@"), ReasoningDelta(0, "b.com")],
        [TextDelta(0, "Mail c@d")],
        [TextDelta(0, ".org")],
        [ToolCallStarted(0, 0, "id", "send")],
        [ToolCallDelta(0, 0, '{"to": "e@f.n'), ToolCallDelta(0, 0, 'et", "n": 3}')],
        [Finished(0, "tool_calls")],
    )
    assert thought(found) == "ask [EMAIL]"
    assert text(found) == "Mail [EMAIL]"
    assert json.loads(arguments(found)) == {"to": "[EMAIL]", "n": 3}
    kinds = [type(event).__name__ for event in found]
    assert kinds[:2] == ["Started", "Progress"]
    assert kinds.index("TextDelta") > max(i for i, kind in enumerate(kinds) if kind == "ReasoningDelta")
    assert kinds.index("ToolCallStarted") > max(i for i, kind in enumerate(kinds) if kind == "TextDelta")
    assert kinds[-1] == "Finished"


def test_each_result_is_masked_by_itself() -> None:
    found = run(
        [TextDelta(0, "a@b"), TextDelta(1, ".com and "), TextDelta(0, ".com and "), TextDelta(1, "c@d.org")],
        [Finished(1, "stop"), Finished(0, "stop")],
    )
    assert (text(found, 0), text(found, 1)) == ("[EMAIL] and ", ".com and [EMAIL]")


def test_what_is_held_comes_before_the_end() -> None:
    found = run([TextDelta(0, "the end")], [Finished(0, "length")])
    assert [type(event) for event in found] == [TextDelta, TextDelta, Finished]
    assert text(found) == "the end"


def test_a_stream_that_fails_or_is_cancelled_lets_nothing_go() -> None:
    mask = POLICY.filter()
    assert text(mask.feed([TextDelta(0, "SSN 123-45-67")])) == "SSN "
    # No `Finished` comes: nothing else could let go of the rest.
    assert mask.feed([]) == []


def test_a_detector_that_fails_closes_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bool:
        raise RuntimeError("could not check jane@example.com")

    policy = Policy()
    rules = policy.machine.rules
    monkeypatch.setattr(policy.machine, "rules", [rule._replace(check=fail) for rule in rules])
    mask = policy.filter()
    assert text(mask.feed([TextDelta(0, "Write to ")])) == "Write to "
    with pytest.raises(InternalError) as caught:
        mask.feed([TextDelta(0, "jane@example.com, ")])
    assert "jane" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    with pytest.raises(InternalError):
        mask.feed([TextDelta(0, "go on"), Finished(0, "stop")])


def test_where_a_text_stands_in_the_raw_output_is_kept() -> None:
    found = run([TextDelta(0, "Hello wor", 7)], [TextDelta(0, "ld, you", 16)], [Finished(0, "stop")])
    assert [(event.text, event.start) for event in found if isinstance(event, TextDelta)] == [
        ("Hello ", 7),
        ("world, ", 13),
        ("you", 20),
    ]


def test_a_long_text_is_masked_in_parts() -> None:
    long = "Mail jane@example.com. " * 2000
    batch: list[Event] = [Started("c"), TextDelta(0, long, 7), ReasoningDelta(0, "x")]
    parts = Filter.parts(batch)
    assert len(parts) == 8
    assert "".join(event.text for part in parts for event in part if isinstance(event, TextDelta)) == long
    assert [part[0].start for part in parts if isinstance(part[0], TextDelta)] == [7 + 8192 * n for n in range(6)]
    assert text(run(*parts, [Finished(0, "stop")])) == POLICY.mask(long)
    short: list[Event] = [TextDelta(0, "x")]
    assert Filter.parts(short) == [short]


def token(text: str) -> TokenLogprob:
    return TokenLogprob(text, -0.5, text.encode(), ((text, -0.5), ("other", -1.5)))


def said(*tokens: str) -> list[list[Event]]:
    return [[TextDelta(0, word, 0, (token(word),))] for word in tokens]


def probabilities(found: Sequence[Event]) -> list[str]:
    return [logprob.token for event in found if isinstance(event, TextDelta) for logprob in event.logprobs or ()]


def test_the_tokens_of_a_secret_are_left_out() -> None:
    found = run(*said("Mail", " a", "@b", ".com", " or", " c@d.org", ".", " Bye"), [Finished(0, "stop")])
    assert text(found) == "Mail [EMAIL] or [EMAIL]. Bye"
    assert probabilities(found) == ["Mail", " or", ".", " Bye"]


def test_a_token_that_touches_a_secret_is_left_out() -> None:
    found = run(*said("Mail to:a", "@b.co", "m, ok", " then"), [Finished(0, "stop")])
    assert text(found) == "Mail to:[EMAIL], ok then"
    assert probabilities(found) == [" then"]


def test_tokens_of_halves_of_characters_are_left_out_with_their_piece() -> None:
    halves = (TokenLogprob("\ufffd", -1.0, b"\xf0\x9f"), TokenLogprob("\ufffd", -1.0, b"\x99\x82"), token(" a@b.com"))
    found = run([TextDelta(0, "🙂 a@b.com", 0, halves)], *said(" now"), [Finished(0, "stop")])
    assert text(found) == "🙂 [EMAIL] now"
    assert probabilities(found) == [" now"]


def test_no_probabilities_stay_none() -> None:
    found = run([TextDelta(0, "a b c")], [Finished(0, "stop")])
    assert all(event.logprobs is None for event in found if isinstance(event, TextDelta))


@settings(max_examples=300, deadline=None)
@given(whole=texts(6), sizes=SIZES, batch=st.integers(1, 5))
def test_events_are_masked_as_the_whole_and_their_tokens_too(whole: str, sizes: list[int], batch: int) -> None:
    words = pieces(whole, sizes)
    spans = POLICY.find(whole)
    events: list[Event] = [event for events in said(*words) for event in events]
    batches = [events[at : at + batch] for at in range(0, len(events), batch)]
    found = run(*batches, [Finished(0, "stop")])
    assert text(found) == POLICY.mask(whole)
    kept, at = [], 0
    for word in words:
        if not any(span.start < at + len(word) and at < span.end for span in spans):
            kept.append(word)
        at += len(word)
    assert probabilities(found) == kept


@settings(max_examples=300, deadline=None)
@given(
    thinking=texts(4),
    answer=texts(4),
    values=st.dictionaries(st.sampled_from(["to", "phone_number", "note", "n"]), texts(3) | st.integers(), max_size=3),
    sizes=SIZES,
)
def test_a_stream_gathered_is_the_whole(thinking: str, answer: str, values: dict[str, Any], sizes: list[int]) -> None:
    def events(parts: Sequence[int]) -> list[Event]:
        found: list[Event] = [ReasoningDelta(0, piece) for piece in pieces(thinking, parts)]
        found += [TextDelta(0, piece) for piece in pieces(answer, parts)]
        found.append(ToolCallStarted(0, 0, "id", "f"))
        found += [ToolCallDelta(0, 0, piece) for piece in pieces(json.dumps(values), parts)]
        return [*found, Finished(0, "tool_calls")]

    def completion(mask: Filter, found: Sequence[Event]) -> object:
        builder = CompletionBuilder()
        for event in found:
            builder.add(mask.feed([event]))
        return builder.result()

    whole = completion(POLICY.filter(), events([10**6]))
    assert completion(POLICY.filter(), events(sizes)) == whole
