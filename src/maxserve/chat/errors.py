"""Everything that can go wrong, as one tree.

    Error
    ├── RequestError          the caller can mend it
    │   ├── InvalidRequest    a field is wrong (param says which)
    │   ├── Unsupported       a right field that this model or engine cannot honour
    │   ├── UnknownModel
    │   ├── NotFound
    │   ├── MethodNotAllowed
    │   ├── ContextOverflow
    │   ├── Sensitive         a rule of the server forbids what it says (category says which kind)
    │   │   ├── SensitivePrompt
    │   │   └── SensitiveAnswer
    │   ├── BodyTooLarge
    │   ├── Unauthorized
    │   ├── Forbidden
    │   └── RateLimited
    │       └── SpendLimited
    └── ServerError           the caller cannot mend it
        ├── Overloaded        no room now; try again later
        ├── StorageUnavailable      the server's own database cannot be used
        ├── EngineError
        │   ├── EngineUnavailable   not started, restarting, or unreachable
        │   ├── EngineCrashed       ended while this request ran
        │   ├── EngineTimeout
        │   └── EngineRefused       answered something that makes no sense to us
        ├── ModerationUnavailable   what must be judged cannot be
        └── InternalError     a fault of maxserve itself

Each class has a stable `code`; each dialect has one table from class to its own status, code and text.
"""

from __future__ import annotations

from typing import ClassVar

from .sensitivity import Category
from .violation import Violation


class Error(Exception):
    """Anything that ends a request without an answer.

    `message` is a full sentence for the caller; `param` is the path of the field at fault ("messages[2].content"),
    or None; `retry_after` is in seconds, or None.
    """

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, param: str | None = None, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.retry_after = retry_after


class RequestError(Error):
    """The request cannot be answered as it stands; the caller can mend it."""

    code = "request_error"


class InvalidRequest(RequestError):
    """A field is wrong; `violation` says how, where a declared rule was broken."""

    code = "invalid_request"

    def __init__(
        self,
        message: str,
        *,
        param: str | None = None,
        retry_after: float | None = None,
        violation: Violation | None = None,
    ) -> None:
        super().__init__(message, param=param, retry_after=retry_after)
        self.violation = violation


class Unsupported(RequestError):
    """A well-formed wish that the chosen model or engine cannot honour."""

    code = "unsupported"


class UnknownModel(RequestError):
    """No model of the catalogue has that name."""

    code = "model_not_found"


class NotFound(RequestError):
    """No such path or object."""

    code = "not_found"


class MethodNotAllowed(RequestError):
    """The path knows other methods only."""

    code = "method_not_allowed"


class ContextOverflow(RequestError):
    """Prompt and wished output do not fit into the context of the model that is loaded.

    `prompt_tokens` and `context` are in tokens, None where the engine did not say.
    """

    code = "context_length_exceeded"

    def __init__(
        self,
        message: str,
        *,
        param: str | None = "messages",
        prompt_tokens: int | None = None,
        context: int | None = None,
    ) -> None:
        super().__init__(message, param=param)
        self.prompt_tokens = prompt_tokens
        self.context = context


class Sensitive(RequestError):
    """A rule of the server forbids what is said, as being of `category`."""

    code = "sensitive"

    def __init__(self, message: str, *, category: Category = "other", param: str | None = None) -> None:
        super().__init__(message, param=param)
        self.category: Category = category


class SensitivePrompt(Sensitive):
    """The prompt is blocked; the engine was not asked."""

    code = "sensitive_prompt"


class SensitiveAnswer(Sensitive):
    """The answer is blocked, in APIs that call that an error: others end it with a reason of its own."""

    code = "sensitive_answer"


class BodyTooLarge(RequestError):
    """The body is over the configured limit in bytes."""

    code = "body_too_large"


class Unauthorized(RequestError):
    """No key, or one that is not known."""

    code = "unauthorized"


class Forbidden(RequestError):
    """The key is known and may not do this."""

    code = "forbidden"


class RateLimited(RequestError):
    """A limit of the key is reached."""

    code = "rate_limited"


class SpendLimited(RateLimited):
    """A budget is spent; `rule` is its id, empty where it has none."""

    code = "spend_limited"

    def __init__(self, message: str, *, rule: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, retry_after=retry_after)
        self.rule = rule


class ServerError(Error):
    """The server failed; the same request may succeed later."""

    code = "server_error"


class Overloaded(ServerError):
    """More work is waiting than the server will queue."""

    code = "overloaded"


class EngineError(ServerError):
    """The engine failed."""

    code = "engine_error"


class EngineUnavailable(EngineError):
    """The engine is not started, is being restarted, or cannot be reached."""

    code = "engine_unavailable"


class EngineCrashed(EngineError):
    """The engine ended while it worked on this request."""

    code = "engine_crashed"


class EngineTimeout(EngineError):
    """The engine did not answer in time."""

    code = "engine_timeout"


class EngineRefused(EngineError):
    """The engine refused a request that maxserve wrote, or answered in no known form."""

    code = "engine_refused"


class StorageUnavailable(ServerError):
    """The server's own database cannot be used."""

    code = "storage_unavailable"


class ModerationUnavailable(ServerError):
    """What must be judged before it may pass cannot be judged now."""

    code = "moderation_unavailable"


class InternalError(ServerError):
    """A fault of maxserve itself."""

    code = "internal_error"
