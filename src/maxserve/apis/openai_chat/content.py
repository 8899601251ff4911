"""What a message must say and may show, by its role (docs/wire/minimax.md §1.4, §13)."""

from __future__ import annotations

from ...chat import InvalidRequest, Unsupported

_SPEAKING = frozenset({"user", "sample_message_user", "sample_message_ai"})
_NAMING = frozenset({"system", "developer", "user_system", "group"})
_TOLD = _NAMING | _SPEAKING - {"user"}


def require_words(role: str, name: str | None, at: str) -> None:
    """Refuse the message at the path `at`, which has no content, where its role needs some.

    Messages that say who takes part, or where, may do that by a name alone; assistant and tool messages may be empty.
    """
    param = f"{at}.content"
    if role in _SPEAKING:
        raise InvalidRequest(f"The field '{param}' is required in a message of the role {role}.", param=param)
    if role in _NAMING and not name:
        raise InvalidRequest(f"The field '{param}' is required where a {role} message has no name.", param=param)


def refuse_image(role: str, at: str) -> None:
    """Refuse an image, a part at the path `at`, in a message that becomes part of the system text."""
    if role in _TOLD:
        raise Unsupported(f"{at}: a message of the role {role} can hold text only, no image.", param=at)
