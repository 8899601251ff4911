"""`maxserve chat`: talk to a model in the terminal.

With `--url` it talks to a running server, without it starts one of its own. A question on the command line or from a
pipe is answered once; otherwise a conversation begins.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .client import Client, Delta, End
from .conversation import DEFAULT_MODEL, THINKING, Conversation, Reply
from .failure import Failure
from .local import local_server
from .options import add_config_options, load_config
from .screen import Screen
from .slash import run_slash
from .terminal import line_editing, read_entry


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags of `chat`."""
    parser.description = "Talk to a model: in a conversation, or with a QUESTION (or a pipe) for one answer."
    parser.add_argument("question", nargs="*", metavar="QUESTION", help="ask this and leave; a pipe is added to it")
    parser.add_argument(
        "--url", default=os.environ.get("MAXSERVE_URL"), help="a running server (default: $MAXSERVE_URL)"
    )
    parser.add_argument(
        "--key",
        dest="bearer",
        metavar="KEY",
        default=os.environ.get("MAXSERVE_KEY"),
        help="its key (default: $MAXSERVE_KEY)",
    )
    parser.add_argument("--model", default=DEFAULT_MODEL, metavar="NAME", help=f"whom to ask (default {DEFAULT_MODEL})")
    parser.add_argument("--system", metavar="TEXT", help="the system prompt")
    parser.add_argument("--thinking", choices=list(THINKING), help="whether the model thinks first")
    parser.add_argument("--temperature", type=float, metavar="T", help="0 = always the likeliest word")
    parser.add_argument("--seed", type=int, metavar="N", help="the same seed gives the same answer")
    parser.add_argument("--max-tokens", type=int, metavar="N", help="the longest answer, thinking included")
    parser.add_argument(
        "--tools", type=Path, metavar="FILE", help="tools as OpenAI's JSON list; you type their results"
    )
    parser.add_argument("--json", action="store_true", help="print the raw response to QUESTION")
    parser.add_argument(
        "--weights",
        action="append",
        default=[],
        metavar="[NAME=]MODEL",
        help="without --url: weights to load, as `maxserve serve --model` takes them; repeatable",
    )
    add_config_options(parser)


def run(args: argparse.Namespace) -> int:
    """Chat; returns the exit code."""
    question = " ".join(args.question)
    if not sys.stdin.isatty():
        question = "\n\n".join(filter(None, (question, sys.stdin.read().strip())))
        if not question:
            raise Failure("There is no question: give one as an argument or through a pipe.")
    if args.json and not question:
        raise Failure("--json needs a QUESTION.")
    conversation = Conversation(args.model, args.system)
    conversation.thinking = args.thinking
    conversation.options = _options(args)
    with _server(args) as client:
        if not question:
            return Chat(client, conversation, Screen(sys.stdout, sys.stderr)).talk(_history(args))
        conversation.ask(question)
        if args.json:
            sys.stdout.write(client.complete(_whole(conversation.body())).decode() + "\n")
            return 0
        return 0 if Chat(client, conversation, Screen(sys.stdout, sys.stderr)).answer() else 130


class Chat:
    """A conversation with a server, shown on a screen."""

    def __init__(self, client: Client, conversation: Conversation, screen: Screen) -> None:
        self.client = client
        self.conversation = conversation
        self.screen = screen
        self._told_demo = False

    def talk(self, history: Path) -> int:
        """Ask for entries and answer them until the user leaves."""
        # Whoever started us in the background of a script has had Ctrl-C ignored; a conversation needs it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self.screen.note(f"{self.conversation.model} at {self.client.url}. /help lists commands, /quit leaves.")
        with line_editing(history):
            multi = False
            while True:
                try:
                    entry = read_entry(input, self.screen.prompt(), multi=multi)
                except KeyboardInterrupt:
                    print(file=sys.stderr)
                    multi = False
                    continue
                except EOFError:
                    print(file=sys.stderr)
                    return 0
                outcome = self._take(entry, multi)
                if outcome == "quit":
                    return 0
                multi = outcome == "multi"

    def _take(self, entry: str, multi: bool) -> str:
        """Do what an entry asks for; a failure is shown and the conversation goes on."""
        try:
            outcome = "stay"
            if entry.startswith("/") and not multi:
                before = self.conversation.model
                outcome, words = run_slash(entry, self.conversation)
                if self.conversation.model != before:
                    self._check_model(before)
                if words:
                    self.screen.note(words)
            elif entry.strip():
                self.conversation.ask(entry)
                outcome = "answer"
            if outcome == "answer":
                self._converse()
            return outcome
        except Failure as failure:
            self.screen.error(str(failure))
            return "stay"

    def _check_model(self, before: str) -> None:
        """Go back to the model before where the server has none of the new name; raises `Failure`."""
        asked = self.conversation.model
        names = {name.lower(): name for name in self.client.models()}
        if asked.lower() not in names:
            self.conversation.model = before
            near = difflib.get_close_matches(asked.lower(), names, n=3)
            hint = f" Did you mean {' or '.join(names[name] for name in near)}?" if near else ""
            raise Failure(f"{self.client.url} has no model {asked}.{hint}")

    def _converse(self) -> None:
        """Answer, with as many rounds of tool calls as the model wants."""
        try:
            while self.answer() and self.conversation.messages[-1].get("tool_calls"):
                self._give_results(self.conversation.messages[-1]["tool_calls"])
        except (Failure, EOFError, KeyboardInterrupt) as stop:
            # An unanswered question, or a call without its result, would spoil every request that follows.
            self.conversation.undo()
            if isinstance(stop, Failure):
                raise

    def _give_results(self, calls: list[dict[str, Any]]) -> None:
        for call in calls:
            result = input(self.screen.prompt(f"result of {call['function']['name']}: "))
            self.conversation.messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})

    def answer(self) -> bool:
        """Stream the next answer into the conversation; False where Ctrl-C stopped it. Raises `Failure`."""
        reply, end, whole = Reply(), End(None, {}), False
        pieces = self.client.stream(self.conversation.body())
        try:
            for piece in pieces:
                if isinstance(piece, Delta):
                    reply.add(piece)
                    self.screen.show(piece)
                else:
                    end, whole = piece, True
        except KeyboardInterrupt:
            reply.calls.clear()
        finally:
            pieces.close()  # type: ignore[attr-defined]
            self.screen.end()
        self.conversation.messages.append(reply.message())
        self.conversation.spend(end.usage)
        if not whole:
            self.screen.note("Stopped.")
        elif end.reason == "length":
            self.screen.note("The answer was cut: it reached its longest length.")
        elif end.reason == "content_filter":
            self.screen.note("The answer was cut: the server's rules block what comes next.")
        if self.client.is_demo and not self._told_demo:
            self._told_demo = True
            self.screen.note(f"({self.client.checkpoint} answered: a small demo checkpoint, not MiniMax's weights)")
        return whole


@contextmanager
def _server(args: argparse.Namespace) -> Iterator[Client]:
    if args.url:
        yield Client(args.url, args.bearer)
        return
    flags = [word for weights in args.weights for word in ("--model", weights)]
    for name in ("config", "data_dir", "catalogue"):
        value = getattr(args, name)
        if value is not None:
            flags += [f"--{name.replace('_', '-')}", str(value)]
    with local_server(flags) as client:
        yield client


def _history(args: argparse.Namespace) -> Path:
    return load_config(args).config.data_dir / "chat_history"


def _options(args: argparse.Namespace) -> dict[str, Any]:
    given = {"temperature": args.temperature, "seed": args.seed, "max_tokens": args.max_tokens}
    options = {name: value for name, value in given.items() if value is not None}
    if args.tools is not None:
        try:
            options["tools"] = json.loads(args.tools.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise Failure(f"{args.tools} cannot be read as a JSON list of tools: {error}") from error
    return options


def _whole(body: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != "stream_options"}
