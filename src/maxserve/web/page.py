"""Makes the reference page: one HTML document that holds its own style and script and asks for nothing else."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from .outline import groups


class Answering(NamedTuple):
    """A checkpoint that answers; `demo` where it is one of the tiny ones that ship with the package."""

    engine: str
    state: str
    checkpoint: str | None
    demo: bool


class Page(NamedTuple):
    """A page as it is sent: its bytes, the same compressed by gzip, and its headers."""

    body: bytes
    packed: bytes
    headers: dict[str, str]


def reference_page(document: Mapping[str, Any], answering: Sequence[Answering] = (), *, keys: bool = False) -> Page:
    """Return the page that shows `document`; `keys` where the server answers nobody without one."""
    style, script = _asset("page.css"), _asset("page.js")
    html = _template().render(
        info=document["info"],
        groups=groups(document),
        answering=answering,
        keys=keys,
        style=style,
        script=script,
    )
    body = html.encode()
    return Page(body, gzip.compress(body, mtime=0), _headers(style, script))


def _headers(style: str, script: str) -> dict[str, str]:
    """What a browser may do with the page: run its own script, and talk to its own server."""
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
    }


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _asset(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


@cache
def _template() -> Any:
    environment = Environment(
        loader=PackageLoader(__package__, "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["prose"] = prose
    environment.filters["json"] = _json
    environment.filters["breakable"] = _breakable
    environment.filters["harmless"] = _harmless
    return environment.get_template("page.html")


_CODE = re.compile(r"`([^`]+)`")


def prose(text: str) -> Markup:
    """Return text as HTML: what stands between backticks is code, nothing else means anything."""
    parts = _CODE.split(text)
    return Markup("").join(Markup("<code>{}</code>").format(part) if i % 2 else part for i, part in enumerate(parts))


def _json(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def _harmless(json: str) -> str:
    """Return JSON for a `<script>`: no text in it can end the element."""
    return json.replace("<", "\\u003c")


def _breakable(path: str) -> Markup:
    """Return a path that may break before its slashes."""
    return Markup("<wbr>").join(re.split(r"(?<=.)(?=/)", path))
