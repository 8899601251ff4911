"""The caller of task requests: its key, session and SDK."""

from __future__ import annotations

import re
import uuid
from urllib.parse import parse_qs

import msgspec

from ..exchange import Scope

_SECOND = b"runware-python/"
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE).fullmatch


class Principal(msgspec.Struct, frozen=True):
    """The authenticated caller of a task request."""

    owner: str
    """The id of its key, which owns the tasks; empty on a server without keys."""
    session: str | None = None
    """The WebSocket session that waits for results, None over HTTP."""
    dry_run: bool = False
    """Whether tasks are checked and priced only."""
    request_id: str = ""
    """The id of the request or connection, for logs."""


def is_session(name: str | None) -> bool:
    """Whether a client's name for its session can be one of ours."""
    return name is not None and _UUID(name) is not None


def new_session(name: str | None) -> str:
    """Return the session that a client names, or a new one."""
    return name.lower() if name is not None and is_session(name) else str(uuid.uuid4())


def wants_dry_run(scope: Scope) -> bool:
    """Whether tasks are to be checked and priced only: by the header `X-Runware-Dry-Run`, or `dryRun` in the address.

    The first JavaScript SDK says it in the address of its WebSocket (docs/wire/runware.md §1).
    """
    said = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-runware-dry-run"]
    said += parse_qs(scope["query_string"].decode("latin-1")).get("dryRun", [])
    return any(value.strip().lower() in ("1", "true") for value in said)


def is_python_sdk_v2(scope: Scope) -> bool:
    """Whether the client is the second Python SDK, which says so in its User-Agent."""
    agents = [value for name, value in scope["headers"] if name == b"user-agent"]
    return any(_SECOND in agent for agent in agents)


def is_python_sdk_v1(scope: Scope) -> bool:
    """Whether the client is the first Python SDK, which says so in a header of its own."""
    return (b"x-sdk-name", b"python") in scope["headers"]
