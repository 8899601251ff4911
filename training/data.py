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

from training.tokenizer import PAD

if TYPE_CHECKING:
    from training.generator import Example

TEMPLATES = Path(__file__).parents[1] / "src" / "maxserve" / "families" / "templates"
OPENING = "<think>\n"


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


def samples(tokenizer: Tokenizer, family: str, seed: int, longest: int) -> Iterator[Sample]:
    """Endless samples of at most `longest` tokens."""
    from training.generator import examples

    for example in examples(seed, family):
        prompt, target = rendered(example, family)
        head = tokenizer.encode(prompt).ids
        ids = head + tokenizer.encode(target).ids
        if len(ids) <= longest:
            yield Sample(example.task, ids, len(head))


@dataclass(frozen=True)
class Batch:
    """A flat stream of token slots: `rows` texts of `length` slots each, then idle ones."""

    ids: Tensor
    places: Tensor
    rows: int
    length: int
    chosen: Tensor  # slots whose next token counts
    labels: Tensor
    weight: Tensor
    owner: Tensor  # the row of each chosen slot
    target: Tensor  # whether the chosen slot belongs to the answer
    tasks: list[str]
    tokens: int


def pack(group: list[Sample], slots: int, share: float, chance: random.Random) -> Batch:
    """One batch of samples of like length; `share` of the tokens before the answer count too."""
    length = -(-max(len(sample.ids) for sample in group) // 16) * 16
    ids = torch.full((slots,), PAD)
    chosen: list[int] = []
    labels: list[int] = []
    owner: list[int] = []
    target: list[bool] = []
    for row, sample in enumerate(group):
        start = row * length
        ids[start : start + len(sample.ids)] = torch.tensor(sample.ids)
        for place in range(len(sample.ids) - 1):
            answer = place + 1 >= sample.prompt
            if answer or (share and chance.random() < share):
                chosen.append(start + place)
                labels.append(sample.ids[place + 1])
                owner.append(row)
                target.append(answer)
    return Batch(
        ids=ids,
        places=torch.arange(slots) % length,
        rows=len(group),
        length=length,
        chosen=torch.tensor(chosen),
        labels=torch.tensor(labels),
        weight=torch.full((len(chosen),), 1.0 / len(chosen)),
        owner=torch.tensor(owner),
        target=torch.tensor(target),
        tasks=[sample.task for sample in group],
        tokens=sum(len(sample.ids) for sample in group),
    )


def groups(pool: list[Sample], slots: int) -> list[list[Sample]]:
    """The pool cut into groups of like length that each fill one batch."""
    result: list[list[Sample]] = []
    current: list[Sample] = []
    for sample in sorted(pool, key=lambda sample: len(sample.ids), reverse=True):
        length = -(-len((current or [sample])[0].ids) // 16) * 16
        if current and (len(current) + 1) * length > slots:
            result.append(current)
            current = []
        current.append(sample)
    result.append(current)
    return result
