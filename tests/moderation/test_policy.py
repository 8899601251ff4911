"""Patterns of sensitive content: what they find, what they hold back, and that the chunking does not matter."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maxserve.chat import (
    CATEGORIES,
    Event,
    Finished,
    Message,
    ReasoningDelta,
    Request,
    Sensitivity,
    TextDelta,
    TextPart,
    TokenLogprob,
    Tool,
    ToolCall,
    ToolCallDelta,
    ToolCallStarted,
    category_of,
)
from maxserve.masking import Names
from maxserve.masking.unescape import Unescaper, unescaped
from maxserve.moderation import SensitivityPolicy, texts

RULES = (
    "abuse=you (fool|idiot)",
    "abuse=傻瓜",
    "advertising=buy now",
    "prohibited=how to pick a .{0,20}lock",
    "violence=fool of",
)
POLICY = SensitivityPolicy(
    answer={"abuse": "block", "advertising": "flag", "prohibited": "block", "violence": "flag"}, patterns=RULES
)
FLAGS = SensitivityPolicy(answer={"abuse": "flag", "advertising": "flag"}, patterns=RULES[:3])
WORDS = st.lists(
    st.sampled_from(
        [
            "you",
            " ",
            "fool",
            "idiot",
            "傻",
            "瓜",
            "buy",
            "now",
            "how to pick a",
            "lock",
            "old ",
            "of",
            "x",
            ".",
            "\n",
            "é",
        ]
    ),
    max_size=24,
).map("".join)


def watched(policy: SensitivityPolicy, events: Sequence[Event]) -> list[Event]:
    """Feed events one by one."""
    watch = policy.watch()
    assert watch is not None
    return [out for event in events for out in watch.feed([event])]


def cut(text: str, sizes: Sequence[int]) -> list[str]:
    pieces: list[str] = []
    for size in sizes:
        pieces.append(text[:size])
        text = text[size:]
    return [*pieces, text]


def said(events: Sequence[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta | ReasoningDelta))


def last(events: Sequence[Event]) -> Finished:
    (finished,) = [event for event in events if isinstance(event, Finished)]
    assert events[-1] is finished
    return finished


@settings(deadline=None)
@given(text=WORDS, sizes=st.lists(st.integers(0, 9), max_size=40))
def test_the_chunking_does_not_matter(text: str, sizes: list[int]) -> None:
    whole = watched(POLICY, [TextDelta(0, text), Finished(0, "stop")])
    pieces = watched(POLICY, [*(TextDelta(0, piece) for piece in cut(text, sizes)), Finished(0, "stop")])
    assert said(pieces) == said(whole)
    assert (last(pieces).reason, last(pieces).sensitivity) == (last(whole).reason, last(whole).sensitivity)
    found = POLICY.find([text], POLICY.answer)
    if last(whole).reason == "stop":
        assert said(whole) == text
        assert not found & {"abuse", "prohibited"}
        assert last(whole).sensitivity == (
            Sensitivity(output=min(CATEGORIES[name] for name in found)) if found else None
        )
    else:
        assert text.startswith(said(whole))
        assert not POLICY.find([said(whole)], {"abuse": "block"})
        assert category_of(last(whole).sensitivity.output) in found  # type: ignore[union-attr]


@settings(deadline=None)
@given(text=WORDS, sizes=st.lists(st.integers(0, 9), max_size=40), ascii=st.booleans())
def test_arguments_are_read_as_what_they_mean(text: str, sizes: list[int], ascii: bool) -> None:
    raw = json.dumps({"say": text}, ensure_ascii=ascii)
    started = ToolCallStarted(0, 0, "c", "say")
    events = [started, *(ToolCallDelta(0, 0, piece) for piece in cut(raw, sizes)), Finished(0, "tool_calls")]
    out = watched(POLICY, events)
    given_out = "".join(event.arguments for event in out if isinstance(event, ToolCallDelta))
    blocked = POLICY.find([text], {"abuse": "block", "prohibited": "block"})
    assert (last(out).reason == "content_filter") == bool(blocked)
    if not blocked:
        assert given_out == raw
    else:
        assert raw.startswith(given_out)
        assert not POLICY.find([unescaped(given_out)], {"abuse": "block", "prohibited": "block"})


@settings(deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"])), sizes=st.lists(st.integers(0, 9), max_size=40))
def test_escapes_across_pieces(text: str, sizes: list[int]) -> None:
    raw = json.dumps(text)
    reader = Unescaper()
    read = "".join(reader.feed(piece) for piece in cut(raw, sizes)) + reader.finish()
    assert read == f'"{text}"'
    for place in range(len(read) + 1):
        assert unescaped(raw[: reader.raw(place)]) == read[:place]


def test_flags_hold_nothing_back() -> None:
    events = [TextDelta(0, "you "), TextDelta(0, "fool"), TextDelta(0, " buy n"), TextDelta(0, "ow")]
    watch = FLAGS.watch()
    assert watch is not None
    for event in events:
        assert watch.feed([event]) == [event]
    assert watch.feed([Finished(0, "stop")]) == [Finished(0, "stop", sensitivity=Sensitivity(output=3))]


def test_only_what_could_become_a_match_is_held() -> None:
    watch = POLICY.watch()
    assert watch is not None
    assert said(watch.feed([TextDelta(0, "Well, you f")])) == "Well, "
    assert said(watch.feed([TextDelta(0, "ox")])) == "you fox"


def test_what_blocks_is_named_and_not_what_was_found_before() -> None:
    out = watched(POLICY, [TextDelta(0, "buy now, you fool."), Finished(0, "stop")])
    assert said(out) == "buy now, "
    assert last(out) == Finished(0, "content_filter", sensitivity=Sensitivity(output=5))


def test_a_blocked_result_swallows_the_rest_and_leaves_others_alone() -> None:
    watch = POLICY.watch()
    assert watch is not None
    out = watch.feed([TextDelta(0, "you fool."), TextDelta(1, "fine."), TextDelta(0, " More."), Finished(0, "stop")])
    out += watch.feed([Finished(1, "stop")])
    assert [type(event).__name__ for event in out if event.index == 0] == ["Finished"]
    assert [event for event in out if event.index == 1] == [TextDelta(1, "fine."), Finished(1, "stop")]


def test_thought_and_answer_are_texts_of_their_own() -> None:
    events: list[Event] = [ReasoningDelta(0, "you "), TextDelta(0, "fool."), Finished(0, "stop")]
    out = watched(POLICY, events)
    assert (said(out), last(out).reason) == ("you fool.", "stop")
    events = [ReasoningDelta(0, "you fool"), TextDelta(0, "Hello."), Finished(0, "stop")]
    assert (said(watched(POLICY, events)), last(watched(POLICY, events)).reason) == ("", "content_filter")


def test_tokens_stay_with_their_text() -> None:
    tokens = [TokenLogprob(token, -0.5, token.encode()) for token in ("Well", ", you", " f", "ox", ".")]
    events: list[Event] = [
        TextDelta(0, "Well, you f", 0, tuple(tokens[:3])),
        TextDelta(0, "ox.", 11, tuple(tokens[3:])),
        Finished(0, "stop"),
    ]
    out = watched(POLICY, events)
    assert said(out) == "Well, you fox."
    assert [token for event in out if isinstance(event, TextDelta) for token in event.logprobs or ()] == tokens
    assert [event.start for event in out if isinstance(event, TextDelta)] == [0, 6, 11]
    tokens = [TokenLogprob(token, -0.5, token.encode()) for token in ("Well", ", you", " fool", ".")]
    blocked = watched(POLICY, [TextDelta(0, "Well, you fool.", 0, tuple(tokens)), Finished(0, "stop")])
    assert [token.token for event in blocked if isinstance(event, TextDelta) for token in event.logprobs or ()] == [
        "Well"
    ]


def test_words_are_whole_and_in_any_case() -> None:
    assert POLICY.find(["YOU Fool"], POLICY.answer) == {"abuse"}
    assert POLICY.find(["you foolish, thou you fools"], POLICY.answer) == set()
    assert POLICY.find(["你这个傻瓜啊"], POLICY.answer) == {"abuse"}


def test_everything_that_a_request_says_is_looked_at() -> None:
    request = Request(
        model="m",
        messages=(
            Message("system", "a"),
            Message("user", (TextPart("b"), TextPart("c")), name="d"),
            Message("assistant", "", reasoning="e", tool_calls=(ToolCall("1", "f", '{"x": "\\u0067"}'),)),
        ),
        tools=(Tool("h", "i", {"description": "j"}),),
    )
    assert texts(request) == ["a", "d", "b", "c", "e", '{"x": "g"}', "h", "i", '{"description":"j"}']


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"answer": {"rude": "block"}}, "There is no category 'rude'"),
        ({"answer": {"abuse": "block"}, "patterns": ("rude=fool",)}, "There is no category 'rude'"),
        ({"answer": {"abuse": "block"}, "patterns": ("fool",)}, "CATEGORY=PATTERN"),
        ({"answer": {"abuse": "block"}, "patterns": ("abuse=.+",)}, "matches too much"),
        ({"answer": {"abuse": "block"}, "patterns": ("abuse=(a+)+$",)}, "has"),
        ({"answer": {"abuse": "block"}}, "Nothing finds 'abuse'"),
        ({"answer": {"advertising": "flag"}, "judged": ("abuse",)}, "Nothing finds 'advertising'"),
        ({"patterns": ("abuse=fool",)}, "no action"),
    ],
)
def test_what_will_not_do_is_refused(settings: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        SensitivityPolicy(**settings)  # type: ignore[arg-type]


def test_off_is_nothing() -> None:
    policy = SensitivityPolicy()
    assert not policy.active
    assert policy.watch() is None


def test_names_of_endpoints() -> None:
    names = Names({"spam": "advertising", "violence": None})
    assert names.read({"sexual/minors": True, "harassment": True, "hate": False, "illicit": None}, True) == {
        "severe",
        "abuse",
    }
    assert names.read({"spam": True, "violence": True}, True) == {"advertising"}
    assert names.read({"astrology": True}, True) == {"other"}
    assert names.read({}, True) == {"other"}
    assert names.read({"pii": True}, True) == set()
    assert names.read({"sexual": False}, False) == set()
    assert {"advertising", "severe", "other"} <= names.categories
