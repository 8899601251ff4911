"""The answers of an operation where a model speaks: whole, streamed, or an error."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from ..apis.adapter import ApiAdapter
from ..chat import Error
from .faults import GENERATING, fault_responses
from .headers import answer_headers


class AnswerForm(msgspec.Struct, frozen=True, kw_only=True):
    """How the answers of one door look: references to the schemas of its bodies.

    `frames` are the JSON payloads of a stream's events, `words` the other ones; `names` the events' names where they
    have some; `broken` is the payload of an error in mid-stream where it is not `error`.
    """

    adapter: ApiAdapter
    whole: dict[str, Any]
    error: dict[str, Any]
    frames: tuple[dict[str, Any], ...] = ()
    words: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    broken: dict[str, Any] | None = None


def answers(forms: Sequence[AnswerForm], errors: tuple[Error, ...] = GENERATING) -> dict[str, Any]:
    """Return the responses by status; more than one form where it depends on the request."""
    found: dict[str, Any] = {"200": _answer(forms)}
    for status, response in fault_responses(((form.adapter, form.error), errors) for form in forms).items():
        found[status] = _merged(found["200"], response) if status == "200" else response
    return found


def _answer(forms: Sequence[AnswerForm]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for kind in dict.fromkeys(_kind(form) for form in forms):
        content[kind] = {"schema": any_of(form.whole for form in forms if _kind(form) == kind)}
    streamed = [form for form in forms if form.frames]
    if streamed:
        content["text/event-stream"] = {"schema": _event(streamed)}
    headers: dict[str, Any] = {}
    for form in forms:
        headers |= answer_headers(form.adapter, checkpoint=True)
    text = "The answer; with `stream: true` as server-sent events." if streamed else "The answer."
    return {"description": text, "headers": headers, "content": content}


def _kind(form: AnswerForm) -> str:
    return form.adapter.content_type.decode().partition(";")[0]


def _event(forms: Sequence[AnswerForm]) -> dict[str, Any]:
    """The schema of each event of a stream, as clients that split the stream see it."""
    payloads = [frame for form in forms for frame in form.frames]
    payloads += [form.error if form.broken is None else form.broken for form in forms]
    data: dict[str, Any] = {
        "type": "string",
        "contentMediaType": "application/json",
        "contentSchema": any_of(payloads),
    }
    words = list(dict.fromkeys(word for form in forms for word in form.words))
    if words:
        data = {"anyOf": [{"enum": words}, data]}
    event: dict[str, Any] = {
        "title": "Event",
        "description": "One event of the stream; comment lines keep silent ones alive.",
        "type": "object",
        "properties": {"data": data},
        "required": ["data"],
    }
    names = list(dict.fromkeys(name for form in forms for name in form.names))
    if names:
        event["properties"] = {"event": {"type": "string", "enum": names}, "data": data}
    return event


def any_of(schemas: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return the one schema, or a choice of several; each counts once."""
    different: list[dict[str, Any]] = []
    for schema in schemas:
        if schema not in different:
            different.append(schema)
    return different[0] if len(different) == 1 else {"anyOf": different}


def _merged(answer: dict[str, Any], fault: dict[str, Any]) -> dict[str, Any]:
    """Some errors come with the status of a success: their bodies are told beside the answer's."""
    content = dict(answer["content"])
    for kind, media in fault["content"].items():
        before = content.get(kind)
        content[kind] = media | {"schema": any_of([before["schema"], media["schema"]])} if before else media
    return answer | {"content": content}
