"""`maxserve render`: print the prompt that a request becomes, for people who debug."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import msgspec

from .failure import Failure


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the request's file and what may be laid over it."""
    parser.add_argument(
        "request", metavar="REQUEST.json", help="an OpenAI chat completion request; - reads standard input"
    )
    parser.add_argument("--model", metavar="NAME", help="render for this model, whatever the request names")
    parser.add_argument(
        "--template", type=Path, metavar="FILE", help="a checkpoint's chat template (Jinja), instead of ours"
    )
    parser.add_argument("--catalogue", type=Path, metavar="FILE", help="more models, or others under a shipped name")


def run(args: argparse.Namespace) -> int:
    """Print the prompt, exactly: no line break is added, unless to a terminal."""
    text = render(args.request, args.model, template=args.template, catalogue=args.catalogue)
    sys.stdout.write(text)
    if sys.stdout.isatty() and not text.endswith("\n"):
        sys.stdout.write("\n")
    return 0


def render(
    path: str | Path, model_name: str | None = None, *, template: Path | None = None, catalogue: Path | None = None
) -> str:
    """Return the prompt that the request in `path` (- is standard input) becomes, for `model_name` or the one it names.

    Raises `chat.Error` for what a server would refuse, `Failure` for files that cannot be read.
    """
    from ..apis.openai_chat import ChatRules, chat_fields, decode_chat
    from ..catalogue import Catalogue
    from ..families import family

    body = sys.stdin.buffer.read() if str(path) == "-" else _read(Path(path))
    request = chat_fields(decode_chat(_named(body, model_name)), ChatRules()).request
    try:
        models = Catalogue.load(catalogue)
    except (OSError, ValueError) as error:
        raise Failure(f"The catalogue cannot be read: {error}") from error
    model = models.resolve(request.model)
    own = None if template is None else _read(template).decode("utf-8", "replace")
    return family(model.family).render(request, own, identity=model.identity).text


def _named(body: bytes, model_name: str | None) -> bytes:
    """Return the request with another model's name; as it is where it is no object, so that its reader says why."""
    if model_name is None:
        return body
    try:
        asked = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return body
    return msgspec.json.encode(asked | {"model": model_name}) if isinstance(asked, dict) else body


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Failure(f"{path} cannot be read: {error.strerror or error}.") from error
