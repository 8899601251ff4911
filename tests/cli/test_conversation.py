"""A conversation and its slash commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from maxserve.cli.client import Delta
from maxserve.cli.conversation import Conversation, Reply
from maxserve.cli.failure import Failure
from maxserve.cli.slash import HELP, run_slash


def talked() -> Conversation:
    conversation = Conversation(system="Be brief.")
    for question, answer in (("one?", "1"), ("two?", "2")):
        conversation.ask(question)
        conversation.messages.append({"role": "assistant", "content": answer})
    return conversation


def test_body() -> None:
    conversation = talked()
    conversation.thinking = "off"
    conversation.options = {"temperature": 0.5}
    body = conversation.body()
    assert body["model"] == "MiniMax-M2.7"
    assert [message["role"] for message in body["messages"]] == ["system", "user", "assistant", "user", "assistant"]
    assert body["thinking"] == {"type": "disabled"}
    assert body["temperature"] == 0.5


def test_a_reply_keeps_its_thought_and_calls() -> None:
    reply = Reply()
    for delta in (
        Delta("thought", "h"), Delta("thought", "m"), Delta("text", "ok"), Delta("call", "f", 0, "a"),
        Delta("arguments", '{"x"', 0), Delta("arguments", ":1}", 0),
    ):  # fmt: skip
        reply.add(delta)
    assert reply.message() == {
        "role": "assistant",
        "content": "ok",
        "reasoning_content": "hm",
        "tool_calls": [{"id": "a", "type": "function", "function": {"name": "f", "arguments": '{"x":1}'}}],
    }


def test_undo_and_retry() -> None:
    conversation = talked()
    assert run_slash("/undo", conversation) == ("stay", "Forgotten: two?")
    assert [message["content"] for message in conversation.messages] == ["one?", "1"]
    assert run_slash("/retry", conversation) == ("answer", "")
    assert conversation.messages == [{"role": "user", "content": "one?"}]
    assert run_slash("/clear", conversation)[0] == "stay"
    assert run_slash("/undo", conversation) == ("stay", "There is nothing to undo.")
    with pytest.raises(Failure, match="no question to ask again"):
        run_slash("/retry", conversation)


def test_settings() -> None:
    conversation = Conversation()
    run_slash("/system You are terse.", conversation)
    run_slash("/model minimax/m3", conversation)
    assert run_slash("/thinking adaptive", conversation)[1] == "Thinking is adaptive."
    assert (conversation.system, conversation.model, conversation.thinking) == (
        "You are terse.",
        "minimax/m3",
        "adaptive",
    )
    assert run_slash("/thinking", conversation)[1] == "Thinking is adaptive."
    assert run_slash("/model", conversation)[1] == "The model is minimax/m3."
    run_slash("/system", conversation)
    assert conversation.system is None
    with pytest.raises(Failure, match="on, off or adaptive"):
        run_slash("/thinking maybe", conversation)


def test_save_and_load(tmp_path: Path) -> None:
    conversation = talked()
    conversation.thinking = "on"
    path = tmp_path / "talk.json"
    run_slash(f"/save {path}", conversation)
    again = Conversation(model="other")
    assert run_slash(f"/load {path}", again)[1] == "Loaded 4 messages; the model is MiniMax-M2.7."
    assert again.body() == conversation.body()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"messages": [1]}', '{"messages": [{"content": "x"}]}'])
def test_what_is_no_conversation_changes_nothing(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    conversation = talked()
    with pytest.raises(Failure, match="is no saved conversation"):
        run_slash(f"/load {path}", conversation)
    assert len(conversation.messages) == 4


def test_files_that_cannot_be(tmp_path: Path) -> None:
    for line in (f"/load {tmp_path}/no", f"/save {tmp_path}/no/x"):
        with pytest.raises(Failure, match="cannot be"):
            run_slash(line, Conversation())
    with pytest.raises(Failure, match="/save needs the name of a file"):
        run_slash("/save", Conversation())


def test_tokens() -> None:
    conversation = Conversation()
    assert run_slash("/tokens", conversation)[1] == "No answer yet."
    usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
    conversation.spend(usage)
    conversation.spend(usage | {"completion_tokens_details": {"reasoning_tokens": 2}})
    assert run_slash("/tokens", conversation)[1] == (
        "The last answer read 7 tokens (0 from the cache) and wrote 3 (2 of them thinking). All answers so far: 20."
    )


def test_help_and_unknown_commands() -> None:
    outcome, words = run_slash("/help", Conversation())
    assert outcome == "stay"
    assert words.count("\n") == len(HELP) - 1
    with pytest.raises(Failure, match=r"There is no /sytem. Did you mean /system\?"):
        run_slash("/sytem x", Conversation())
    with pytest.raises(Failure, match="/help lists"):
        run_slash("/zzz", Conversation())
    assert run_slash("/quit", Conversation()) == ("quit", "")
    assert run_slash("/multi", Conversation()) == ("multi", "")
