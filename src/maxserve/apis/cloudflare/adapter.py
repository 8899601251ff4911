"""The doors of Cloudflare's API."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, NamedTuple

import msgspec

from ...catalogue import Catalogue
from ...chat import Completion, Error, InvalidRequest, RawRequest, Request, UnknownModel, Unsupported
from ...gateway import Options
from ..adapter import ApiAdapter, Headers, ParsedRequest, RequestContext, ResponseContext, StreamWriter
from ..openai_chat.frames import DONE
from .errors import beside, gateway_body, v4_body
from .messages import are_messages, named
from .model_location import ModelRequest, Opening, in_body
from .read import read_inputs
from .response import chat_body, enveloped
from .stream import CloudflareStream

ErrorForm = Callable[[Error, RequestContext], tuple[int, bytes]]


class Passage(msgspec.Struct, frozen=True):
    """Through which account and gateway a request goes, with what options.

    `account` is empty for the binding, whose paths have none. `payload` is what a cache compares, `form` the answer's:
    under one key of a caller's own there may be answers in several.
    """

    account: str
    gateway: str
    options: Options
    payload: bytes
    form: str


class ParsedCloudflare(msgspec.Struct, frozen=True):
    """A chat request that was read."""

    request: Request
    stream: bool
    include_usage: bool
    passage: Passage
    adapter: CloudflareChatAdapter

    def write_json(self, completion: Completion, reply: ResponseContext) -> bytes:
        """Return the body of a whole answer, bare or enveloped as the path has it."""
        body = chat_body(completion, reply)
        return enveloped(body) if self.adapter.form.enveloped else body

    def stream_writer(self, reply: ResponseContext) -> StreamWriter:
        """Return the writer of a streamed answer; streams have no envelope anywhere."""
        return CloudflareStream(reply, n=self.request.n, include_usage=self.include_usage)


class Form(NamedTuple):
    """What differs from path to path: where a request has its model, how an answer and an error are wrapped."""

    opening: Opening
    enveloped: bool
    errors: ErrorForm


class CloudflareChatAdapter:
    """Chat completions of a model, whichever path asks for them.

    The order of checks is the vendor's: the model first, then the body against the schema (docs/wire/cloudflare.md
    §2.3). Where `messages`, the door of that API, is given, inputs may be in the Messages branch of the schema, too.
    """

    content_type: ClassVar[bytes] = b"application/json"
    keep_alive: ClassVar[bytes] = b": keep-alive\n\n"

    def __init__(self, catalogue: Catalogue, form: Form, messages: ApiAdapter | None = None) -> None:
        self.form = form
        self._catalogue = catalogue
        self._messages = None if messages is None else MessagesInputAdapter(messages, form)

    def read(self, body: bytes, context: RequestContext) -> ParsedCloudflare | ParsedRelayed:
        """Read a body; raises `UnknownModel`, `InvalidRequest` and `Unsupported`."""
        opened = known(self.form.opening(body, context), self._catalogue)
        if self._messages is not None and are_messages(opened.inputs):
            return self._messages.open(opened, context)
        fields = read_inputs(opened, context.key)
        form = "enveloped" if self.form.enveloped else "bare"
        passage = Passage(context.path.get("account", ""), opened.gateway, opened.options, opened.inputs, form)
        return ParsedCloudflare(fields.request, fields.stream, fields.include_usage, passage, self)

    def headers(self, context: RequestContext) -> Headers:
        """Return the dialect's own headers: the request's id under Cloudflare's name."""
        return [(b"cf-ai-req-id", context.id.encode())]

    def error(self, error: Error, context: RequestContext) -> tuple[int, bytes]:
        """Return status and body in the form of the path."""
        return self.form.errors(error, context)

    def error_event(self, error: Error, context: RequestContext) -> bytes:
        """Return the frames that end a stream which had begun.

        The vendor documents none. An OpenAI client raises on `error`, which the gateway's form has.
        """
        return b"data: " + gateway_body(error, context)[1] + b"\n\n" + DONE


class RelayedAdapter:
    """Another dialect's requests and answers behind Cloudflare's paths: `/ai/v1/messages`, `/ai/v1/responses`.

    Errors have the v4 envelope; `inner` errors beside it, so that the dialect's own SDK finds what it looks for.
    """

    def __init__(self, catalogue: Catalogue, inner: ApiAdapter, form: str) -> None:
        self._catalogue = catalogue
        self._form = form
        self._inner = inner
        self.content_type = inner.content_type
        self.keep_alive = inner.keep_alive

    def read(self, body: bytes, context: RequestContext) -> ParsedRelayed:
        """Read a body; raises `UnknownModel` and what the dialect raises."""
        opened = known(in_body(body, context), self._catalogue)
        passage = Passage(context.path.get("account", ""), opened.gateway, opened.options, body, self._form)
        return ParsedRelayed(self._inner.read(body, context), passage, self)

    def headers(self, context: RequestContext) -> Headers:
        """Return both dialects' headers."""
        return [(b"cf-ai-req-id", context.id.encode()), *self._inner.headers(context)]

    def error(self, error: Error, context: RequestContext) -> tuple[int, bytes]:
        """Return Cloudflare's status, and both dialects' bodies in one object."""
        status, body = v4_body(error, context)
        return status, beside(body, self._inner.error(error, context)[1])

    def error_event(self, error: Error, context: RequestContext) -> bytes:
        """Return the end of a stream as the dialect has it."""
        return self._inner.error_event(error, context)


class ParsedRelayed(msgspec.Struct, frozen=True):
    """Another dialect's request that was read."""

    inner: ParsedRequest
    passage: Passage
    adapter: ApiAdapter
    enveloped: bool = False

    @property
    def request(self) -> Request | RawRequest:
        """The request in the common language."""
        return self.inner.request

    @property
    def stream(self) -> bool:
        """Whether the answer is streamed."""
        return self.inner.stream

    def write_json(self, completion: Completion, reply: ResponseContext) -> bytes:
        """Return the dialect's own body, enveloped where the path wants it."""
        body = self.inner.write_json(completion, reply)
        return enveloped(body) if self.enveloped else body

    def stream_writer(self, reply: ResponseContext) -> StreamWriter:
        """Return the dialect's own writer."""
        return self.inner.stream_writer(reply)


class MessagesInputAdapter:
    """Anthropic's Messages as a model's inputs: their answers and streams in the errors of the path
    (docs/wire/cloudflare.md §2.2).
    """

    def __init__(self, inner: ApiAdapter, form: Form) -> None:
        self._inner = inner
        self._form = form
        self.content_type = inner.content_type
        self.keep_alive = inner.keep_alive

    def open(self, opened: ModelRequest, context: RequestContext) -> ParsedRelayed:
        """Read inputs whose wrapping is off; raises what the dialect raises."""
        form = "enveloped messages" if self._form.enveloped else "messages"
        passage = Passage(context.path.get("account", ""), opened.gateway, opened.options, opened.inputs, form)
        try:
            inner = self._inner.read(named(opened.inputs, opened.model), context)
        except (InvalidRequest, Unsupported) as error:
            error.param = f"{opened.at}.{error.param}" if opened.at and error.param else error.param
            raise
        return ParsedRelayed(inner, passage, self, self._form.enveloped)

    def read(self, body: bytes, context: RequestContext) -> ParsedRelayed:
        """Read a body of the path."""
        return self.open(self._form.opening(body, context), context)

    def headers(self, context: RequestContext) -> Headers:
        """Return the request's id under Cloudflare's name."""
        return [(b"cf-ai-req-id", context.id.encode())]

    def error(self, error: Error, context: RequestContext) -> tuple[int, bytes]:
        """Return status and body in the form of the path."""
        return self._form.errors(error, context)

    def error_event(self, error: Error, context: RequestContext) -> bytes:
        """Return the end of a stream as the dialect has it."""
        return self._inner.error_event(error, context)


def known(opened: ModelRequest, catalogue: Catalogue) -> ModelRequest:
    """Return the request where its model is known; raises `UnknownModel` in Cloudflare's words.

    The binding may put a prefix and a colon before the model's name (docs/wire/cloudflare.md §7.2).
    """
    for name in (opened.model, opened.model.rpartition(":")[2]):
        try:
            catalogue.resolve(name)
        except UnknownModel:
            continue
        return opened if name == opened.model else msgspec.structs.replace(opened, model=name)
    raise UnknownModel(f"Model not found: {opened.model}", param="model")


__all__ = ["ParsedCloudflare", "CloudflareChatAdapter", "Form", "Passage", "RelayedAdapter", "gateway_body", "v4_body"]
