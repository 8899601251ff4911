"""Requests that work: the questions that the vendors' own pages ask."""

from __future__ import annotations

from typing import Any

PARIS = "What is the capital of France?"
HAIKU = "Write a haiku about programming."
COOK = "You are a helpful cooking assistant. Give concise recipes with metric measurements."
PASTA = "How do I make a simple pasta aglio e olio?"
TCP = "What are the main differences between TCP and UDP?"
TCP_ANSWER = (
    "TCP is connection-oriented and guarantees delivery, while UDP is connectionless and faster but without delivery"
    " guarantees."
)
UDP = "When would I choose UDP over TCP?"
ELEPHANTS = "what is elephent?"
WEATHER = "What is the weather in Paris?"

WEATHER_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string", "description": "The city's name."}},
    "required": ["city"],
}


def user(text: str) -> dict[str, Any]:
    """Return a user's message."""
    return {"role": "user", "content": text}


def chat_examples(model: str, *, other: str | None = None, limit: str = "max_tokens") -> dict[str, Any]:
    """Return bodies of chat completions by what they show."""
    return {
        "A question": {"model": model, limit: 2048, "messages": [user(PARIS)]},
        "Streamed": {
            "model": other or model,
            limit: 2048,
            "temperature": 0.9,
            "stream": True,
            "stream_options": {"include_usage": True},
            "messages": [user(HAIKU)],
        },
        "A system prompt": {
            "model": model,
            limit: 2048,
            "temperature": 0.7,
            "messages": [{"role": "system", "content": COOK}, user(PASTA)],
        },
        "Several turns": {
            "model": model,
            limit: 2048,
            "temperature": 0.5,
            "messages": [user(TCP), {"role": "assistant", "content": TCP_ANSWER}, user(UDP)],
        },
        "A tool": {
            "model": model,
            limit: 2048,
            "messages": [user(WEATHER)],
            "tools": [
                {
                    "type": "function",
                    "function": {
                        "name": "get_weather",
                        "description": "The weather in a city.",
                        "parameters": WEATHER_SCHEMA,
                    },
                }
            ],
        },
        "JSON by a schema": {
            "model": model,
            limit: 2048,
            "messages": [user(PARIS)],
            "response_format": {
                "type": "json_schema",
                "json_schema": {
                    "name": "capital",
                    "schema": {
                        "type": "object",
                        "properties": {"capital": {"type": "string"}, "country": {"type": "string"}},
                        "required": ["capital", "country"],
                        "additionalProperties": False,
                    },
                },
            },
        },
    }
