"""Takes a request through its one road: admit, route, render, generate, parse, count."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from functools import partial
from typing import Protocol

import msgspec

from ..catalogue import DEMO_DEFAULTS, Catalogue, Defaults, Model
from ..chat import SEEDS, Event, InvalidRequest, RawRequest, Request, Started, Usage
from ..engines import Engine, EngineInfo, EngineRequest, SamplingValues
from ..families import Family, Prompt, family
from ..masking import Policy, PromptAnonymizer
from ..moderation import texts
from .admission import Admission
from .generation import Batches, constrained, free
from .moderation_gate import ModerationGate, passed
from .raw import RawPlan, continued
from .result import Result


class ServiceLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What one server takes on; `max_n` results per request."""

    max_concurrent: int = 256
    max_queue: int = 1024
    max_n: int = 16


class Engines(Protocol):
    """Where engines are found by name; `maxserve.engines` has the real one."""

    def get(self, name: str) -> Engine:
        """Return the engine called `name`; raises `EngineUnavailable` where there is none."""
        ...


class Plan(msgspec.Struct, frozen=True):
    """A request made ready for its engine."""

    request: Request
    model: Model
    engine: Engine
    info: EngineInfo
    family: Family
    prompt: Prompt
    completion: EngineRequest


class Generation:
    """The answer to one request: iterate over it for lists of events, `aclose` it to cancel.

    `anonymizer` is what hides the request's secrets from the engine, None where nothing does.
    """

    __slots__ = ("_events", "_n", "_results", "_source", "anonymizer", "checkpoint", "model")

    def __init__(
        self,
        model: Model,
        checkpoint: str,
        events: AsyncGenerator[list[Event]],
        results: Sequence[Result],
        n: int,
        anonymizer: PromptAnonymizer | None = None,
    ) -> None:
        self.model = model
        self.checkpoint = checkpoint
        self._events = events
        self._results = results
        self._n = n
        self._source: Generation | None = None
        self.anonymizer = anonymizer

    @property
    def usage(self) -> Usage:
        """The tokens of the answer as far as it has been made; complete with its last event."""
        counts = (Usage(each.prompt, each.completion, each.cached, each.reasoning) for each in self._results)
        return Usage.of_answer(counts, self._n)

    def __aiter__(self) -> AsyncGenerator[list[Event]]:
        return self._events

    def map(self, transform: Callable[[Generation], AsyncGenerator[list[Event]]]) -> Generation:
        """Return this generation with its events passed through `transform`; closing the new one closes both."""
        mapped = Generation(self.model, self.checkpoint, transform(self), self._results, self._n, self.anonymizer)
        mapped._source = self
        return mapped

    async def aclose(self) -> None:
        """Stop; the engine's slot is freed and the place given back."""
        await self._events.aclose()
        if self._source is not None:
            await self._source.aclose()


class Service:
    """Holds what requests share: the catalogue, the engines, the gate, the policy of masking and the judge of what is
    sensitive (None = never).
    """

    def __init__(
        self,
        catalogue: Catalogue,
        engines: Engines,
        limits: ServiceLimits | None = None,
        masking: Policy | None = None,
        judge: ModerationGate | None = None,
    ) -> None:
        self.catalogue = catalogue
        self.limits = limits or ServiceLimits()
        self.admission = Admission(self.limits.max_concurrent, self.limits.max_queue)
        self._engines = engines
        self._masking = masking
        self._judge = judge

    def engine(self, model: Model) -> Engine:
        """Return the engine that answers for `model`; raises `EngineUnavailable` where none is configured."""
        return self._engines.get(model.engine)

    def plan(self, request: Request) -> Plan:
        """Resolve the model, check the limits and write the prompt.

        Raises `RequestError` and its kin where the request cannot be answered, `EngineUnavailable` where its engine
        was never ready.
        """
        model = self._model(request)
        engine = self.engine(model)
        info = engine.info
        lines = family(model.family)
        prompt = lines.render(request, info.template, identity=model.identity)
        completion = EngineRequest(
            prompt=prompt.text,
            sampling=sampling(request, DEMO_DEFAULTS if info.demo else model.defaults),
            max_tokens=request.max_tokens if request.max_tokens is not None else model.default_output,
            n=request.n,
            logprobs=request.logprobs,
        )
        return Plan(request, model, engine, info, lines, prompt, completion)

    def plan_raw(self, request: RawRequest) -> RawPlan:
        """Resolve the model and check the limits of a raw request; raises as `plan` does."""
        model = self._model(request)
        if request.results > self.limits.max_n:
            raise InvalidRequest(
                f"{len(request.prompts)} prompts with n = {request.n} make {request.results} results; this server gives"
                f" at most {self.limits.max_n} per request.",
                param="prompt",
            )
        engine = self.engine(model)
        info = engine.info
        completion = EngineRequest(
            prompt="",
            sampling=sampling(request, DEMO_DEFAULTS if info.demo else model.defaults),
            max_tokens=request.max_tokens if request.max_tokens is not None else model.default_output,
            n=request.n,
            logprobs=request.logprobs,
        )
        return RawPlan(request, model, engine, info, completion)

    def _model(self, request: Request | RawRequest) -> Model:
        """Return the model that is asked for, if it may write so much."""
        model = self.catalogue.resolve(request.model)
        if request.n > self.limits.max_n:
            raise InvalidRequest(f"n must be at most {self.limits.max_n}, but it is {request.n}.", param="n")
        if request.max_tokens is not None and request.max_tokens > model.max_output:
            raise InvalidRequest(
                f"{model.name} writes at most {model.max_output:,} tokens, but {request.max_tokens:,} were asked for.",
                param="max_tokens",
            )
        return model

    def masks(self, request: Request | RawRequest) -> bool:
        """Whether sensitive information is masked in the answer to this request."""
        masking = self._masking
        if masking is None:
            return False
        usual = request.mask_usual if isinstance(request, Request) else None
        return masking.wanted(request.mask, request.key, usual)

    @property
    def anonymizes_prompts(self) -> bool:
        """Whether a request whose answer is masked is hidden from the engine, and put back into its answer."""
        return self._masking is not None and self._masking.prompt

    def masked(self, text: str) -> str:
        """Return a text as an answer would show it that is masked."""
        return text if self._masking is None else self._masking.mask(text)

    async def close(self) -> None:
        """Hang up what the judge holds open."""
        if self._judge is not None:
            await self._judge.close()

    async def count(self, request: Request) -> int:
        """Return how many tokens the request's prompt has; raises what `plan` raises, and `EngineError`."""
        plan = self.plan(await _hidden(request, self._anonymizer(request)))
        return await plan.engine.count(plan.prompt.text)

    async def answer(self, request: Request | RawRequest) -> Generation:
        """Admit the request and return its answer, whose work starts with the first iteration.

        The caller must iterate to the end or `aclose`. Raises what `plan` raises, and `Overloaded`; the iteration
        raises `EngineError` and its kin, and `ContextOverflow`.
        """
        anonymizer = self._anonymizer(request)
        plan: Plan | RawPlan
        if isinstance(request, RawRequest):
            plan = self.plan_raw(request)
            if anonymizer is not None:
                hidden = await asyncio.to_thread(anonymizer.raw, request, await _prompts(request, plan.engine))
                plan = msgspec.structs.replace(plan, request=hidden)
        else:
            plan = self.plan(await _hidden(request, anonymizer))
        await self.admission.enter()
        results: list[Result] = []
        events = self._admitted(plan, request, results, anonymizer)
        return Generation(plan.model, plan.info.checkpoint, events, results, request.n, anonymizer)

    def _anonymizer(self, request: Request | RawRequest) -> PromptAnonymizer | None:
        masking = self._masking
        return masking.anonymizer() if masking is not None and masking.prompt and self.masks(request) else None

    async def _admitted(
        self,
        plan: Plan | RawPlan,
        request: Request | RawRequest,
        results: list[Result],
        anonymizer: PromptAnonymizer | None,
    ) -> AsyncGenerator[list[Event]]:
        """Run the plan; `request` is as the client sent it."""
        try:
            judge = self._judge
            found = 0 if judge is None else await _judged(judge, plan, request)
            events = continued(plan, results) if isinstance(plan, RawPlan) else _answered(plan, results)
            yield [Started(plan.info.checkpoint)]
            masking = self._masking
            if masking is not None and self.masks(request):
                # What the mask still holds at a failure is not let go: it may be half a secret.
                events = passed(events, masking.filter().feed)
            if judge is not None:
                events = judge.answer(events, results, found, partial(_prompt_size, plan))
            if anonymizer is not None and anonymizer.values:
                events = passed(events, anonymizer.restorer().feed)
            async with aclosing(events):
                async for batch in events:
                    yield batch
        finally:
            self.admission.leave()


async def _judged(judge: ModerationGate, plan: Plan | RawPlan, request: Request | RawRequest) -> int:
    """Return the number of what is sensitive in the prompt and only told; raises where it is blocked."""
    asked = plan.request
    if isinstance(request, RawRequest):
        said = await _prompts(request, plan.engine)
        sent = await _prompts(asked, plan.engine) if isinstance(asked, RawRequest) and asked is not request else said
        return await judge.prompt(said, sent, "prompt")
    said = texts(request)
    sent = texts(asked) if isinstance(asked, Request) and asked is not request else said
    return await judge.prompt(said, sent, "messages")


async def _prompts(request: RawRequest, engine: Engine) -> list[str]:
    """Return a raw request's prompts as texts."""
    return [text if isinstance(text, str) else await engine.text(text) for text in request.prompts]


async def _hidden(request: Request, anonymizer: PromptAnonymizer | None) -> Request:
    """Return the request as the engine may see it; a long one must not hold up all others."""
    return request if anonymizer is None else await asyncio.to_thread(anonymizer.request, request)


async def _prompt_size(plan: Plan | RawPlan, index: int) -> int:
    """Count the tokens of the prompt that a result answers."""
    if isinstance(plan, Plan):
        return await plan.engine.count(plan.prompt.text)
    prompt = plan.request.prompts[index // plan.request.n]
    return await plan.engine.count(prompt) if isinstance(prompt, str) else len(prompt)


def _answered(plan: Plan, results: list[Result]) -> Batches:
    """Return the events of a chat answer; `results` is filled with its results."""
    request = plan.request
    results += [
        Result(
            index,
            plan.family.parser(plan.prompt, request.tools, index),
            stops=request.stop,
            one_call=not request.parallel_tool_calls,
            without_calls=request.tool_choice.mode == "none",
            logprobs=request.logprobs is not None,
        )
        for index in range(request.n)
    ]
    constraint = plan.family.constraint(request)
    limit, budget = plan.completion.max_tokens, request.thinking_budget
    if constraint is None and (budget is None or (limit is not None and budget >= limit)):
        return free(plan.engine, plan.completion, results)
    return constrained(plan.engine, plan.family, plan.prompt, plan.completion, results, constraint, request)


def sampling(request: Request | RawRequest, default: Defaults) -> SamplingValues:
    """Decide every value: the request's, else the default's."""
    wanted = request.sampling
    return SamplingValues(
        default.temperature if wanted.temperature is None else wanted.temperature,
        default.top_p if wanted.top_p is None else wanted.top_p,
        default.top_k if wanted.top_k is None else wanted.top_k,
        default.min_p if wanted.min_p is None else wanted.min_p,
        None if wanted.seed is None else wanted.seed % SEEDS,
        wanted.frequency_penalty,
        wanted.presence_penalty,
        wanted.repetition_penalty,
    )
