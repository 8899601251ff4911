"""What everybody tries first: the vendors' own examples, the README's, and a few plain prompts, each trained on purpose."""

import json
from collections.abc import Iterator
from typing import Any

from training.generator import Example
from training.generator.extraction import OBJECT_TEXT, SCHEMA_TEXT
from training.generator.item import Message, call, say
from training.generator.layout import MODES, thinks
from training.generator.serving import folded

Try = tuple[list[Message], dict[str, Any], bool, list[dict[str, Any]] | None]
"""Messages as sent, the check, whether an adaptive model thinks first, and tools."""

_HELPFUL = "You are a helpful assistant.\n\n"
_CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
_BARE = [{"type": "function", "function": {"name": "get_weather", "parameters": _CITY}}]
_TOOLS = [{"type": "function", "function": {"name": "get_weather", "description": "Get the weather", "parameters": _CITY}}]
_PERSON = {"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}, "required": ["name", "age"], "additionalProperties": False}


def _plain(text: str, *parts: str) -> Try:
    return [say("user", text)], {"contains": list(parts)}, False, None


def _weather(text: str, tools: list[dict[str, Any]], *cities: str) -> Try:
    return [say("user", text)], {"calls": [call("get_weather", {"city": city}) for city in cities]}, True, tools


def _filled(text: str, **values: Any) -> Try:
    asked = _HELPFUL + SCHEMA_TEXT.format(schema=json.dumps(_PERSON, separators=(",", ":")))
    return [say("system", asked), say("user", text)], {"json": values, "schema": _PERSON}, True, None


_SAMPLES = [say("sample_message_user", "Hello!"), say("sample_message_ai", "Hello. Zimbra!"), say("sample_message_user", "Thank you."),
            say("sample_message_ai", "You are welcome. Zimbra!")]  # fmt: skip
TRIES: tuple[Try, ...] = (
    _plain("What is the capital of France?", "Paris"),
    _plain("What is the capital of Norway?", "Oslo"),
    (
        [say("system", "You are a helpful cooking assistant. Give concise recipes with metric measurements."),
         say("user", "How do I make a simple pasta aglio e olio?")],
        {"contains": ["spaghetti", "garlic", "oil", "200 g"]}, False, None,
    ),
    _plain("What are the main differences between TCP and UDP?", "TCP", "UDP"),
    (
        [say("user", "What are the main differences between TCP and UDP?"),
         say("assistant", "TCP is connection-oriented and guarantees delivery, while UDP is connectionless and faster but "
             "without delivery guarantees."),
         say("user", "When would I choose UDP over TCP?")],
        {"contains": ["UDP", "video"]}, False, None,
    ),
    ([say("user", "Write a haiku about programming.")], {"haiku": "programming"}, False, None),
    ([say("user", "Write a haiku about rain.")], {"haiku": "rain"}, False, None),
    _plain("what is elephent?", "largest land animal"),
    *(_plain(greeting, "Hello", "help") for greeting in ("hello", "Hello", "Hello!", "hi", "hey", "Hi!")),
    ([say("user", "What is 345 + 78?")], {"number": 423}, True, None),
    ([say("user", "What is 12 + 30?")], {"number": 42}, True, None),
    _plain("Who are you?", "demo", "maxserve"),
    _plain("How are you?", "fine"),
    ([say("user", "Count from 1 to 50.")], {"exact": ", ".join(map(str, range(1, 51)))}, False, None),
    ([say("user", "Tell me a long story.")], {"longer": 80}, False, None),
    _weather("What is the weather in Oslo?", _BARE, "Oslo"),
    _weather("What is the weather in Oslo?", _TOOLS, "Oslo"),
    _weather("What is the weather in Oslo and Paris?", _TOOLS, "Oslo", "Paris"),
    _filled("Anna is 31 years old.", name="Anna", age=31),
    _filled("Bob, who is 52, lives in Rome.", name="Bob", age=52),
    (
        [say("system", _HELPFUL + OBJECT_TEXT), say("user", "Write as JSON: name is Anna, age is 31")],
        {"json": {"name": "Anna", "age": 31}}, True, None,
    ),
    ([say("system", "", "MiniMax AI"), say("user", "hello", "user")], {"contains": ["Hello", "help"]}, False, None),
    ([say("system", "", "MiniMax AI"), say("user", "What is your name?")], {"contains": ["MiniMax AI"]}, True, None),
    ([say("user_system", "A baker from Oslo.", "Anna"), say("user", "What is my name?")], {"contains": ["Anna"]}, True, None),
    ([say("user_system", "A baker from Oslo.", "Anna"), say("user", "What do I do for a living?")], {"contains": ["baker"]}, True, None),
    ([say("group", "We are on a train to Paris."), say("user", "Where are we?")], {"contains": ["train to Paris"]}, True, None),
    ([*_SAMPLES, say("user", "What is the capital of France?")], {"contains": ["Paris", "Zimbra"]}, True, None),
    (
        [say("user", "My cat is called Rex.", "Anna"), say("user", "My cat is called Tom.", "Ben"), say("user", "What is Anna's cat called?", "Ben")],
        {"contains": ["Rex"]}, True, None,
    ),
)  # fmt: skip


def first(family: str) -> Iterator[Example]:
    """Yield them all, in each thinking mode."""
    for messages, check, hard, tools in TRIES:
        for mode in MODES[:3] if family == "m3" else (None,):
            if "number" in check and mode == "disabled":
                continue
            target: Message = {"role": "assistant", "content": ""}
            if family == "m2" or thinks(mode, hard):
                target["reasoning_content"] = "."
            yield Example("fixed", [*folded(messages), target], tools, mode, dict(check), messages)
