"""The common language: what a request asks, what an answer says, what can go wrong.

Pure data, no I/O. Every dialect reads its bytes into a `Request`; every engine's output comes back as lists of
`Event`; every failure is one class of the tree in `chat.errors`.
"""

from .completion import CompletedToolCall, Completion, CompletionBuilder, CompletionChoice, collect
from .constraint import Constraint, Grammar, Schema
from .errors import (
    BodyTooLarge,
    ContextOverflow,
    EngineCrashed,
    EngineError,
    EngineRefused,
    EngineTimeout,
    EngineUnavailable,
    Error,
    Forbidden,
    InternalError,
    InvalidRequest,
    MethodNotAllowed,
    ModerationUnavailable,
    NotFound,
    Overloaded,
    RateLimited,
    RequestError,
    Sensitive,
    SensitiveAnswer,
    SensitivePrompt,
    ServerError,
    SpendLimited,
    StorageUnavailable,
    Unauthorized,
    UnknownModel,
    Unsupported,
)
from .event import (
    Event,
    Finished,
    FinishReason,
    Progress,
    ReasoningDelta,
    Started,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
)
from .message import ImagePart, Message, Part, Role, TextPart, ToolCall
from .raw_request import RawRequest
from .request import (
    SEEDS,
    JsonObject,
    JsonSchema,
    Request,
    ResponseFormat,
    Sampling,
    TextFormat,
    Thinking,
    Tool,
    ToolChoice,
)
from .sensitivity import CATEGORIES, Category, Sensitivity, category_of
from .violation import Violation

__all__ = [
    "BodyTooLarge", "CATEGORIES", "Category", "category_of", "collect", "CompletedToolCall", "Completion",
    "CompletionBuilder", "CompletionChoice", "Constraint", "ContextOverflow", "EngineCrashed", "EngineError",
    "EngineRefused", "EngineTimeout", "EngineUnavailable", "Error", "Event", "Finished", "FinishReason", "Forbidden",
    "Grammar", "ImagePart", "InternalError", "InvalidRequest", "JsonObject", "JsonSchema", "Message",
    "MethodNotAllowed", "ModerationUnavailable", "NotFound", "Overloaded", "Part", "Progress", "RateLimited",
    "RawRequest", "ReasoningDelta", "Request", "RequestError", "ResponseFormat", "Role", "Sampling", "Schema", "SEEDS",
    "Sensitive", "SensitiveAnswer", "SensitivePrompt", "Sensitivity", "ServerError", "SpendLimited", "Started",
    "StorageUnavailable", "TextDelta", "TextFormat", "TextPart", "Thinking", "TokenLogprob", "Tool", "ToolCall",
    "ToolCallDelta", "ToolCallStarted", "ToolChoice", "Unauthorized", "UnknownModel", "Unsupported", "Usage",
    "Violation",
]  # fmt: skip
