"""The examples' messages go the way of a request: maxserve itself folds special roles and names into them."""

from typing import Any

from maxserve.chat import Message as Said
from maxserve.chat import Request
from maxserve.families.normalise import conversation

from training.generator.item import Message


def folded(messages: list[Message]) -> list[Message]:
    """Return the messages that the templates get for messages as a client sends them."""
    said = tuple(
        Said(message["role"], message.get("content", ""), name=message.get("name"), reasoning=message.get("reasoning_content", ""))
        for message in messages
    )
    turns: list[dict[str, Any]] = conversation(Request(model="demo", messages=said)).messages
    return turns
