"""Placeholders: what is hidden, that one value has one of them, and that the answer comes back whole."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maxserve.chat import (
    Event,
    Finished,
    ImagePart,
    Message,
    RawRequest,
    ReasoningDelta,
    Request,
    TextDelta,
    TextPart,
    TokenLogprob,
    ToolCall,
    ToolCallDelta,
    ToolCallStarted,
)
from maxserve.masking import Policy, PromptAnonymizer
from maxserve.masking.deanonymizer import Deanonymizer

POLICY = Policy(prompt=True, names=["Anna Schmidt"], patterns=["staff=EMP-\\d{6}"])
KEY = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----"


def veiled() -> PromptAnonymizer:
    anonymizer = POLICY.anonymizer()
    assert anonymizer is not None
    return anonymizer


def hidden(*messages: Message) -> tuple[PromptAnonymizer, tuple[Message, ...]]:
    anonymizer = veiled()
    return anonymizer, anonymizer.request(Request(model="m", messages=messages)).messages


def test_each_value_has_one_placeholder() -> None:
    anonymizer, messages = hidden(
        Message("system", "You are EMP-123456."),
        Message("user", "I am Anna Schmidt, a@example.com; my boss is b@example.com. Again: a@example.com."),
        Message("assistant", "Noted: b@example.com", reasoning="a@example.com, I see."),
    )
    assert [message.content for message in messages] == [
        "You are [STAFF_1].",
        "I am [NAME_1], [EMAIL_1]; my boss is [EMAIL_2]. Again: [EMAIL_1].",
        "Noted: [EMAIL_2]",
    ]
    assert messages[2].reasoning == "[EMAIL_1], I see."
    assert anonymizer.values == {
        "[STAFF_1]": "EMP-123456",
        "[NAME_1]": "Anna Schmidt",
        "[EMAIL_1]": "a@example.com",
        "[EMAIL_2]": "b@example.com",
    }


def test_parts_names_and_calls() -> None:
    arguments = '{"to": ["a@example.com"], "card_number": 4111111111111111, "copies": 2, "b@example.com": true}'
    call = ToolCall("1", "send", arguments)
    anonymizer, messages = hidden(
        Message("user", (TextPart("Mail a@example.com"), ImagePart("https://example.com/a.png")), name="Anna Schmidt"),
        Message("assistant", tool_calls=(call, ToolCall("2", "send", '{"to": "c@example.com'))),
        Message("tool", '{"sent": "a@example.com"}', tool_call_id="1"),
    )
    assert messages[0].content == (TextPart("Mail [EMAIL_1]"), ImagePart("https://example.com/a.png"))
    assert messages[0].name == "[NAME_1]"
    first, second = messages[1].tool_calls
    assert json.loads(first.arguments) == {
        "to": ["[EMAIL_1]"],
        "card_number": "[CARD_1]",
        "copies": 2,
        "[EMAIL_2]": True,
    }
    assert second.arguments == '{"to": "[EMAIL_3]'
    assert messages[2].content == '{"sent": "[EMAIL_1]"}'
    assert anonymizer.values["[CARD_1]"] == "4111111111111111"


def test_what_holds_no_secret_stays_as_it_is() -> None:
    call = ToolCall("1", "f", '{ "x" : 1.50 }')
    _, messages = hidden(Message("user", "Hello."), Message("assistant", tool_calls=(call,)))
    assert messages == (Message("user", "Hello."), Message("assistant", tool_calls=(call,)))


def test_a_key_is_one_secret_to_its_last_line() -> None:
    anonymizer, (message,) = hidden(Message("user", f"Use {KEY} now"))
    assert message.content == "Use [PRIVATE_KEY_1] now"
    assert anonymizer.values == {"[PRIVATE_KEY_1]": KEY}


def test_the_client_s_own_brackets_are_not_taken_for_ours() -> None:
    anonymizer, messages = hidden(
        Message("user", "Explain [EMAIL_1] to a@example.com"), Message("user", "[EMAIL_3] b@example.com c@example.com")
    )
    assert messages[0].content == "Explain [EMAIL_1] to [EMAIL_2]"
    assert messages[1].content == "[EMAIL_3] [EMAIL_4] [EMAIL_5]"
    events = anonymizer.restorer().feed([TextDelta(0, "[EMAIL_1] is [EMAIL_2]"), Finished(0, "stop")])
    assert said(events) == "[EMAIL_1] is a@example.com"


def test_raw_prompts_and_stop_sequences() -> None:
    anonymizer = veiled()
    asked = RawRequest(model="m", prompts=((1, 2), "to a@example.com", (3,)), stop=("a@example.com",))
    safe = anonymizer.raw(asked, ["harmless", "to a@example.com", "from b@example.com"])
    assert safe.prompts == ((1, 2), "to [EMAIL_1]", "from [EMAIL_2]")
    assert safe.stop == ("[EMAIL_1]",)
    assert anonymizer.restorer().feed([Finished(0, "stop", stop="[EMAIL_1]")]) == [
        Finished(0, "stop", stop="a@example.com")
    ]


VALUES = {"[EMAIL_1]": "a@example.com", "[EMAIL_12]": 'odd "one"\n', "[NAME_1]": "Zoë", "[PRIVATE_KEY_1]": KEY}
WORDS = st.lists(
    st.sampled_from([*VALUES, "[", "]", "EMAIL", "_1", "[EMAIL", "[EMAIL_", "[[", " x ", "[EMAIL_2]", "é"]), max_size=20
).map("".join)
SIZES = st.lists(st.integers(0, 7), max_size=60)


def said(events: Sequence[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta | ReasoningDelta))


def cut(text: str, sizes: Sequence[int]) -> list[str]:
    pieces: list[str] = []
    for size in sizes:
        pieces.append(text[:size])
        text = text[size:]
    return [*pieces, text]


def put_back(text: str, escape: bool = False) -> str:
    def value(found: re.Match[str]) -> str:
        restored = VALUES[found[0]]
        return json.dumps(restored, ensure_ascii=False)[1:-1] if escape else restored

    return re.sub("|".join(map(re.escape, VALUES)), value, text)


@settings(deadline=None)
@given(text=WORDS, sizes=SIZES)
@pytest.mark.parametrize("kind", [TextDelta, ReasoningDelta])
def test_text_comes_back_however_it_is_cut(kind: type, text: str, sizes: list[int]) -> None:
    restorer = Deanonymizer(VALUES)
    out = [event for piece in cut(text, sizes) for event in restorer.feed([kind(0, piece)])]
    out += restorer.feed([Finished(0, "stop")])
    assert said(out) == put_back(text)
    assert isinstance(out[-1], Finished)


@settings(deadline=None)
@given(text=WORDS, sizes=SIZES)
def test_arguments_stay_json(text: str, sizes: list[int]) -> None:
    raw = json.dumps({"x": [text]}, ensure_ascii=False)
    restorer = Deanonymizer(VALUES)
    out = restorer.feed([ToolCallStarted(0, 0, "c", "f")])
    for piece in cut(raw, sizes):
        out += restorer.feed([ToolCallDelta(0, 0, piece)])
    out += restorer.feed([Finished(0, "tool_calls")])
    arguments = "".join(event.arguments for event in out if isinstance(event, ToolCallDelta))
    assert arguments == put_back(raw, escape=True)
    assert json.loads(arguments) == {"x": [put_back(text)]}


def test_only_a_beginning_is_held_and_results_are_apart() -> None:
    restorer = Deanonymizer(VALUES)
    assert said(restorer.feed([TextDelta(0, "to [EMA")])) == "to "
    assert said(restorer.feed([TextDelta(1, "array[0] [")])) == "array[0] "
    assert said(restorer.feed([TextDelta(0, "IL_1], and [x")])) == "a@example.com, and [x"
    assert said(restorer.feed([Finished(1, "stop")])) == "["


def test_what_is_held_of_a_thought_comes_before_the_text() -> None:
    restorer = Deanonymizer(VALUES)
    out = restorer.feed([ReasoningDelta(0, "see [EMAIL"), TextDelta(0, "_1] is text"), Finished(0, "stop")])
    assert out == [
        ReasoningDelta(0, "see "),
        ReasoningDelta(0, "[EMAIL"),
        TextDelta(0, "_1] is text"),
        Finished(0, "stop"),
    ]


def test_tokens_stay_and_come_with_their_text() -> None:
    tokens = [TokenLogprob(text, -1.0, text.encode()) for text in ("to", " [", "EMAIL", "_1", "]", ".")]
    restorer = Deanonymizer(VALUES)
    out: list[Event] = []
    at = 0
    for token in tokens:
        out += restorer.feed([TextDelta(0, token.token, at, (token,))])
        at += len(token.token)
    assert said(out) == "to a@example.com."
    deltas = [event for event in out if isinstance(event, TextDelta)]
    assert [token for delta in deltas for token in delta.logprobs or ()] == tokens
    assert [delta.start for delta in deltas] == [0, 2, 3, 12]


def test_known_secrets_are_hidden_in_what_is_logged() -> None:
    anonymizer, _ = hidden(Message("user", f"I am Anna Schmidt, a@example.com, {KEY}"))
    assert anonymizer.hidden("Dear Anna Schmidt, (a@example.com)") == "Dear [NAME_1], ([EMAIL_1])"
    assert anonymizer.hidden("Anna Schmidtova, aa@example.com") == "Anna Schmidtova, aa@example.com"
    assert anonymizer.hidden(json.dumps({"key": KEY})) == '{"key": "[PRIVATE_KEY_1]"}'
    assert veiled().hidden("a@example.com") == "a@example.com"
