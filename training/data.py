"""The data are generated examples, rendered with the serving templates, tokenized and packed into equal batches."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import jinja2
import torch
from jinja2.sandbox import ImmutableSandboxedEnvironment
from tokenizers import Tokenizer
from torch import Tensor

from training.tokenizer import BEGIN, CONTROL, END, PAD, TURN, VISIBLE

if TYPE_CHECKING:
    from training.generator import Example

TEMPLATES = Path(__file__).parents[1] / "src" / "maxserve" / "families" / "templates"
OPENING = "<think>\n"
USUAL = 900  # counted tokens in a batch, about


def _tojson(value: Any, ensure_ascii: bool = False) -> str:
    return json.dumps(value, ensure_ascii=ensure_ascii)


def _refuse(message: str) -> NoReturn:
    raise jinja2.TemplateError(message)


def _environment() -> ImmutableSandboxedEnvironment:
    result = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    result.filters["tojson"] = _tojson
    result.globals["raise_exception"] = _refuse
    return result


_TEMPLATES = {
    family: _environment().from_string((TEMPLATES / f"{family}.jinja").read_text()) for family in ("m2", "m3")
}


def rendered(example: "Example", family: str) -> tuple[str, str]:
    """The prompt and the target text of one example, exactly as serving writes and expects them."""
    template = _TEMPLATES[family]
    given: dict[str, Any] = {"tools": example.tools}
    if family == "m3":
        given["thinking_mode"] = example.thinking_mode
    prompt = template.render(messages=example.messages[:-1], add_generation_prompt=True, **given)
    full = template.render(messages=example.messages, **given)
    if not full.startswith(prompt) and family == "m2":
        # Without reasoning the template writes no thinking at all, but serving has opened it already.
        return prompt, "</think>\n\n" + full[len(prompt) - len(OPENING) :].rstrip("\n")
    if not full.startswith(prompt):
        raise ValueError(f"{example.task}: the full text does not go on from the prompt")
    return prompt, full[len(prompt) :].removesuffix("\n")


@dataclass(frozen=True)
class Sample:
    """One tokenized example."""

    task: str
    ids: list[int]
    prompt: int


def samples(tokenizer: Tokenizer, family: str, seed: int, longest: int, held: bool = False) -> Iterator[Sample]:
    """Endless samples of at most `longest` tokens, to train on or held out."""
    from training.generator import examples

    for example in examples(seed, family, held):
        prompt, target = rendered(example, family)
        head = tokenizer.encode(prompt).ids
        ids = head + tokenizer.encode(target).ids
        if len(ids) <= longest:
            yield Sample(example.task, ids, len(head))


@dataclass(frozen=True)
class Batch:
    """A flat stream of token slots in segments (first slot, texts, length of each), then idle slots."""

    ids: Tensor
    places: Tensor
    segments: list[tuple[int, int, int]]
    chosen: Tensor  # slots whose next token counts
    labels: Tensor
    weight: Tensor
    owner: Tensor  # the text of each chosen slot
    target: Tensor  # whether the chosen slot belongs to the answer
    tasks: list[str]
    tokens: int


def pack(parts: list[list[Sample]], slots: int, share: float, chance: random.Random) -> Batch:
    """One batch of groups of like length; `share` of the tokens before the answers count too."""
    ids, places = torch.full((slots,), PAD), torch.zeros(slots, dtype=torch.long)
    segments: list[tuple[int, int, int]] = []
    chosen: list[int] = []
    labels: list[int] = []
    owner: list[int] = []
    target: list[bool] = []
    tasks: list[str] = []
    first = 0
    for group in parts:
        length = padded(group)
        segments.append((first, len(group), length))
        places[first : first + len(group) * length] = torch.arange(len(group) * length) % length
        for sample in group:
            ids[first : first + len(sample.ids)] = torch.tensor(sample.ids)
            for place in range(len(sample.ids) - 1):
                answer = place + 1 >= sample.prompt
                if answer or (share and chance.random() < share):
                    chosen.append(first + place)
                    labels.append(sample.ids[place + 1])
                    owner.append(len(tasks))
                    target.append(answer)
            tasks.append(sample.task)
            first += length
    return Batch(
        ids=ids,
        places=places,
        segments=segments,
        chosen=torch.tensor(chosen),
        labels=torch.tensor(labels),
        # A batch that one long text fills has few answers; they must not count more for that.
        weight=torch.full((len(chosen),), 1.0 / max(len(chosen), USUAL)),
        owner=torch.tensor(owner),
        target=torch.tensor(target),
        tasks=tasks,
        tokens=sum(len(sample.ids) for group in parts for sample in group),
    )


def padded(group: list[Sample]) -> int:
    """The slots that each text of a group takes."""
    return -(-max(len(sample.ids) for sample in group) // 16) * 16


def groups(pool: list[Sample], slots: int) -> list[list[Sample]]:
    """The pool cut into groups of like length of at most `slots` slots each, or of a single longer text."""
    result: list[list[Sample]] = []
    current: list[Sample] = []
    for sample in sorted(pool, key=lambda sample: len(sample.ids), reverse=True):
        if current and (len(current) + 1) * padded(current[:1]) > slots:
            result.append(current)
            current = []
        current.append(sample)
    result.append(current)
    return result


def batches(pool: list[Sample], slots: int, segment: int, chance: random.Random) -> list[list[list[Sample]]]:
    """The pool in batches of some groups of different lengths each; every batch is like every other."""
    parts = groups(pool, segment)
    chance.shuffle(parts)
    parts.sort(key=lambda group: len(group) * padded(group) > segment, reverse=True)  # the long ones need room
    result: list[list[list[Sample]]] = []
    room: list[int] = []
    for group in parts:
        size = len(group) * padded(group)
        fits = [number for number, free in enumerate(room) if free >= size and len(result[number]) < 24]
        if fits:
            number = chance.choice(fits) if size > segment else fits[0]
            result[number].append(group)
            room[number] -= size
        else:
            result.append([group])
            room.append(slots - size)
    chance.shuffle(result)
    return result


def copies(vocab: int, chance: random.Random) -> Iterator[Sample]:
    """Endless lessons in copying: token sequences said twice, and looked-up pairs, of random tokens.

    They teach in minutes the attention patterns that every task about the user's own words stands on.
    """
    lowest = len(CONTROL) + len(VISIBLE)
    while True:
        if chance.random() < 0.6:
            said = [chance.randrange(lowest, vocab) for _ in range(chance.randint(3, 28))]
            ids = [BEGIN, *said, TURN, *said, END]
            yield Sample("copy", ids, len(said) + 2)
            continue
        pairs = [
            [chance.randrange(lowest, vocab) for _ in range(chance.randint(2, 5))] for _ in range(chance.randint(2, 6))
        ]
        ids = [BEGIN, *(token for pair in pairs for token in (*pair, END))]
        asked = pairs[:]
        chance.shuffle(asked)
        for pair in asked:
            ids += [TURN, *pair, END]
        yield Sample("look_up", ids, len(ids) - sum(len(pair) + 2 for pair in asked))
