"""Who sends tasks, and how."""

from __future__ import annotations

import re
import uuid
from urllib.parse import parse_qs

import msgspec

from ..exchange import Scope

_SECOND = b"runware-python/"
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE).fullmatch


class Principal(msgspec.Struct, frozen=True):
    """`owner` is the key's id, empty on an open server; tasks belong to it, and so does a `session`: the connection
    that waits for results, None over HTTP. A `dry` run is checked and priced only.
    """

    owner: str
    session: str | None = None
    dry: bool = False


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


def is_second(scope: Scope) -> bool:
    """Whether the client is the second Python SDK, which says so in its User-Agent."""
    agents = [value for name, value in scope["headers"] if name == b"user-agent"]
    return any(_SECOND in agent for agent in agents)


def is_first(scope: Scope) -> bool:
    """Whether the client is the first Python SDK, which says so in a header of its own."""
    return (b"x-sdk-name", b"python") in scope["headers"]
