"""The slash commands of a chat."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Literal

from .conversation import THINKING, Conversation
from .failure import Failure

Outcome = Literal["stay", "answer", "multi", "quit"]

HELP = {
    "/help": "this list",
    "/system TEXT": "set the system prompt; without TEXT, remove it",
    "/model NAME": "ask another model",
    "/thinking on|off|adaptive": "whether the model thinks first",
    "/clear": "begin a new conversation",
    "/undo": "forget the last question and its answer",
    "/retry": "ask the last question again",
    "/save FILE": "write the conversation to FILE",
    "/load FILE": "go on with the conversation in FILE",
    "/tokens": "what the last answer and the conversation cost",
    "/multi": 'type several lines; end them with """ (a line may also begin so, or end in \\)',
    "/quit": "leave; so does Ctrl-D. Ctrl-C stops an answer",
}
NAMES = [usage.split()[0] for usage in HELP]


def run_slash(line: str, conversation: Conversation) -> tuple[Outcome, str]:
    """Do what a slash command says; return what comes next and what to tell the user. Raises `Failure`."""
    name, _, rest = line.strip().partition(" ")
    rest = rest.strip()
    match name:
        case "/help":
            width = max(map(len, HELP))
            return "stay", "\n".join(f"{usage:{width}}  {meaning}" for usage, meaning in HELP.items())
        case "/quit" | "/exit":
            return "quit", ""
        case "/multi":
            return "multi", ""
        case "/system":
            conversation.system = rest or None
            return "stay", "The system prompt is set." if rest else "There is no system prompt now."
        case "/model":
            if rest:
                conversation.model = rest
            return "stay", f"The model is {conversation.model}."
        case "/thinking":
            return "stay", _thinking(rest, conversation)
        case "/clear":
            conversation.messages.clear()
            return "stay", "A new conversation begins."
        case "/undo":
            question = conversation.undo()
            return "stay", "There is nothing to undo." if question is None else f"Forgotten: {question}"
        case "/retry":
            question = conversation.undo()
            if question is None:
                raise Failure("There is no question to ask again.")
            conversation.ask(question)
            return "answer", ""
        case "/save":
            conversation.save(_path(name, rest))
            return "stay", f"Saved to {rest}."
        case "/load":
            conversation.load(_path(name, rest))
            return "stay", f"Loaded {len(conversation.messages)} messages; the model is {conversation.model}."
        case "/tokens":
            return "stay", _tokens(conversation)
        case _:
            near = difflib.get_close_matches(name, NAMES, n=1)
            raise Failure(
                f"There is no {name}. " + (f"Did you mean {near[0]}?" if near else "/help lists what there is.")
            )


def _thinking(mode: str, conversation: Conversation) -> str:
    if mode and mode not in THINKING:
        raise Failure("/thinking takes on, off or adaptive.")
    conversation.thinking = mode or conversation.thinking
    return f"Thinking is {conversation.thinking or 'as the model likes'}."


def _path(name: str, text: str) -> Path:
    if not text:
        raise Failure(f"{name} needs the name of a file.")
    return Path(text).expanduser()


def _tokens(conversation: Conversation) -> str:
    usage = conversation.usage
    if not usage:
        return "No answer yet."
    cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens", 0)
    thought = (usage.get("completion_tokens_details") or {}).get("reasoning_tokens", 0)
    return (
        f"The last answer read {usage['prompt_tokens']} tokens ({cached} from the cache) and wrote "
        f"{usage['completion_tokens']} ({thought} of them thinking). All answers so far: {conversation.total_tokens}."
    )
