"""Chat templates: Jinja as Hugging Face runs it, in a sandbox, compiled once per template text."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any, NoReturn

from jinja2 import Environment, Template, TemplateError, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ..chat import InternalError, InvalidRequest


class _Generation(Extension):
    """`{% generation %}` marks what a trainer learns from; for a prompt it is just its body."""

    tags = {"generation"}  # noqa: RUF012 (Jinja's own interface)

    def parse(self, parser: Parser) -> nodes.Node | list[nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def _tojson(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | str | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


_FAILURES = (TemplateError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError)


class _Refused(TemplateError):
    """What a template's `raise_exception` raises."""


def _refuse(message: str) -> NoReturn:
    raise _Refused(message)


def _now(form: str) -> str:
    return datetime.now().astimezone().strftime(form)


_METHODS = frozenset(dir(dict))


class _Direct:
    """Looks up a dictionary's items at once; Jinja would first fail to find an attribute, which takes far longer."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) is dict and attribute not in _METHODS:
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)  # type: ignore[attr-defined]
        return super().getattr(obj, attribute)  # type: ignore[misc]


class _Own(_Direct, Environment):
    """For the templates of this package, which need no sandbox and are rendered on every request."""


class _Sandbox(_Direct, ImmutableSandboxedEnvironment):
    """For templates that come with a checkpoint."""


def _prepared(environment: Environment) -> Environment:
    environment.filters["tojson"] = _tojson
    environment.globals["raise_exception"] = _refuse
    environment.globals["strftime_now"] = _now
    return environment


_OPTIONS: dict[str, Any] = {
    "trim_blocks": True,
    "lstrip_blocks": True,
    "extensions": ["jinja2.ext.loopcontrols", _Generation],
    "cache_size": 0,
}
_SANDBOX = _prepared(_Sandbox(**_OPTIONS))
_OWN = _prepared(_Own(**_OPTIONS))


@lru_cache(maxsize=4)
def own(name: str) -> str:
    """Return the text of our template for the family `name`."""
    return (files(__package__) / "templates" / f"{name}.jinja").read_text(encoding="utf-8")


def prepare() -> None:
    """Read and compile our templates, so that the first request does not wait for it."""
    for name in ("m2", "m3"):
        _compiled(own(name))


@lru_cache(maxsize=32)
def _compiled(text: str) -> Template:
    environment = _OWN if text in (own("m2"), own("m3")) else _SANDBOX
    try:
        template = environment.from_string(text)
    except TemplateError as error:
        raise InternalError(f"The checkpoint's chat template cannot be read: {error}") from error
    # Jinja keeps the globals in a ChainMap, which every rendering would copy key by key.
    template.globals = dict(template.globals)
    return template


def write(text: str, variables: dict[str, Any]) -> str:
    """Render the template `text`.

    Raises `InvalidRequest` where the template refuses the conversation or fails on it, `InternalError` where it is no
    template.
    """
    template = _compiled(text)
    try:
        return template.render(variables)
    except _Refused as error:
        raise InvalidRequest(f"The model's chat template refuses this: {error}.", param="messages") from error
    except _FAILURES as error:
        raise InvalidRequest(
            f"The model's chat template cannot render the conversation: {error}.", param="messages"
        ) from error
