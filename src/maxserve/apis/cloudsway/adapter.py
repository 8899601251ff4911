"""The door of Cloudsway's chat completions: paths bound to models, and the page's own limits."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ...chat import Completion, Error, NotFound
from ..adapter import RequestContext, ResponseContext, StreamWriter
from ..openai_chat import ChatAdapter, ChatRules, ParsedChat
from ..validation import Range
from .errors import error_body
from .models import deployed
from .response import chat_body
from .stream import CloudswayStream


class CloudswayChatAdapter(ChatAdapter):
    """Cloudsway's chat completions (docs/wire/minimax.md §1.3).

    `endpoints` binds the variable `endpoint` of a path to a model, whatever the body asks for, as the page's first
    example does; while there are none, any path goes and the body decides. `max_output` is the most tokens that a
    request may ask for, None = what the model allows. Sensitive information is masked unless a request says otherwise,
    and thoughts are left out unless it says `reasoning_split: true`.
    """

    def __init__(self, endpoints: Mapping[str, str] | None = None, max_output: int | None = None) -> None:
        unit = Range(0, 1, above=True)
        self.rules = ChatRules(
            temperature=unit, top_p=unit, max_output=max_output, max_results=1, split=False, mask=True
        )
        self._bound = {
            endpoint: msgspec.structs.replace(self.rules, model=model) for endpoint, model in (endpoints or {}).items()
        }

    def rules_of(self, context: RequestContext) -> ChatRules:
        """Return the rules of a path; raises `NotFound` for one that is bound to nothing while others are."""
        endpoint = context.path.get("endpoint")
        if endpoint is None or not self._bound:
            return self.rules
        rules = self._bound.get(endpoint)
        if rules is None:
            raise NotFound(f"No model is bound to the endpoint path '{endpoint}'.")
        return rules

    def write_json(self, asked: ParsedChat, completion: Completion, reply: ResponseContext) -> bytes:
        """Return the body of a `chat.completion`."""
        return chat_body(
            completion,
            id=_id(reply),
            created=reply.context.created,
            model=deployed(reply.model),
            split=asked.split,
        )

    def stream_writer(self, asked: ParsedChat, reply: ResponseContext) -> StreamWriter:
        """Return the writer of `chat.completion.chunk` frames."""
        return CloudswayStream(
            id=_id(reply),
            created=reply.context.created,
            model=deployed(reply.model),
            include_usage=asked.include_usage,
            split=asked.split,
        )

    def error(self, error: Error, context: RequestContext) -> tuple[int, bytes]:
        """Return status and body."""
        return error_body(error)


def _id(reply: ResponseContext) -> str:
    """24 base-62 characters, as the vendor's; ours are those of the request's id, all of them hex digits."""
    return f"chatcmpl-{reply.context.id}"
