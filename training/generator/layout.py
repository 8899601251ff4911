"""Laying an item out as a conversation."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from training.generator.chatter import filler
from training.generator.draw import Draw
from training.generator.item import Item, Message, say
from training.generator.serving import folded
from training.generator.split import is_apart, is_held_prompt, plain
from training.generator.tasks import TASKS

SYSTEMS = ("You are a helpful assistant.", "You are a helpful assistant.", "You are a friendly assistant.", "You are a chatbot.", "Be helpful.",
           "You are an AI assistant.", "Help the user.", "Answer the user's questions.", "Be concise.", "Keep it short.",
           "You are a helpful and honest assistant. Answer briefly.", "You are the assistant of a small company.")  # fmt: skip
MODES = ("adaptive", "enabled", "disabled", None)
_MOST_TRIES = 5000


@dataclass
class Example:
    """One conversation whose last message is the turn to learn."""

    task: str
    messages: list[Message]
    tools: list[dict[str, Any]] | None
    thinking_mode: str | None
    check: dict[str, Any] = field(default_factory=dict)
    """How the evaluation marks an answer; training ignores it."""
    sent: list[Message] | None = None
    """The messages before the answer as a client sends them, where serving folds them into others."""


def thinks(mode: str | None, hard: bool) -> bool:
    """Whether an M3 turn holds a thought in a thinking mode."""
    return mode == "enabled" or (mode != "disabled" and hard)


def lay_out(draw: Draw, task: str, item: Item, mode: str | None) -> Example:
    """Turn an item into messages for a family and a thinking mode."""
    messages: list[Message] = list(item.special)
    system = item.system
    if system is None and not item.plain and not item.special and draw.chance(0.2):
        system = draw.pick(SYSTEMS)
    if system:
        messages.insert(0, say("system", system))
    if not item.plain and not item.history and draw.chance(0.08):
        for _ in range(draw.pick((1, 1, 2))):
            messages += filler(draw)
    messages += item.history
    messages.append(say("user", item.user, item.speaker))
    sent = None
    if item.special or item.speaker:
        messages, sent = folded(messages), messages
    thought = draw.family == "m2" or thinks(mode, item.hard)
    for turn in item.loop:
        messages.append(turn if thought else {key: value for key, value in turn.items() if key != "reasoning_content"})
    answer: Message = {"role": "assistant", "content": item.answer}
    if thought:
        answer["reasoning_content"] = item.thought
    if item.calls:
        answer["tool_calls"] = item.calls
    messages.append(answer)
    return Example(task, messages, item.tools, mode if draw.family == "m3" else None, item.check, sent)


def held_back(item: Item) -> bool:
    """Whether an item belongs to the evaluation: by its whole prompt, without what the layout may add."""
    if is_apart(whole(item)):
        return True
    if item.base and plain(item.user) == plain(item.base):
        return False
    return is_held_prompt(whole(item))


def whole(item: Item) -> str:
    """Return all that the other side says before the answer."""
    before = [f"{m.get('name', '')} {m['content']}" for m in item.special + item.history if m["role"] != "assistant"]
    return " ".join([*before, item.system or "", item.user]) if item.system or before else item.user


def _drawn(draw: Draw, task: str) -> Item:
    """Draw an item from the draw's side of the split."""
    for _ in range(_MOST_TRIES):
        item = TASKS[task][0](draw)
        if held_back(item) == draw.held:
            return item
    raise LookupError(f"{task} has no prompts {'for the evaluation' if draw.held else 'to train'}")


def examples(seed: int, family: str, held: bool = False) -> Iterator[Example]:
    """Yield training examples without end, or the evaluation's; the same seed and family give the same ones."""
    draw = Draw(Random(f"{family}:{seed}"), family, held)
    names = tuple(TASKS)
    weights = [share for _, share in TASKS.values()]
    while True:
        for name in draw.rng.choices(names, weights, k=64):
            mode = draw.mode = draw.pick(MODES) if family == "m3" else None
            yield lay_out(draw, name, _drawn(draw, name), mode)


def held_out(seed: int, family: str, task: str) -> Iterator[Example]:
    """Yield examples of one task that training never sees, in every thinking mode for M3."""
    draw = Draw(Random(f"held:{family}:{task}:{seed}"), family, held=True)
    while True:
        for mode in MODES if family == "m3" else (None,):
            draw.mode = mode
            yield lay_out(draw, task, _drawn(draw, task), mode)
