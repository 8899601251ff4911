"""The server's own paths: tasks, and the webhooks that tell of them."""

from __future__ import annotations

from typing import Any, get_args

from ..chat import Forbidden, InternalError, InvalidRequest, NotFound, StorageUnavailable
from ..tasks import State
from ..tasks.view import DeliveryDetail, DeliveryPage, EndpointList, TaskDetail, TaskPage
from ..webhooks.delivery import DeliveryState
from .answer import AnswerForm
from .faults import UNAUTHORIZED, fault_responses
from .headers import answer_headers
from .operation import Operation, Part, path_parameter
from .schema import Schemas

_MOUNT = "/maxserve/v1"
_TASK = "0d2f6f0e-6f3b-4c0e-9a58-3a8d3a5b1c11"
_HOOK = "msg_01JD0000000000000000000000"
_BROKEN = (
    Forbidden("A server without keys takes this from pages of its own machine only."),
    StorageUnavailable("The server's database cannot be used; its log says why.", retry_after=1.0),
    InternalError("The server made a mistake; it is logged under req_000000000000000000000000."),
)
_QUERY = InvalidRequest("must be a whole number from 1 to 100, not '0'", param="limit")
_STATE = InvalidRequest(f"The task {_TASK} has succeeded already; there is nothing left to cancel.")
_BODY = InvalidRequest('The body must be {"url": "…"}: Object missing required field `url`.')
_WORDS = {
    "400": "The query is wrong, or the task is in another state.",
    "403": "A page of another machine asks, and there are no keys.",
    "404": "There is none.",
    "503": "The database cannot be used now.",
}


def tasks_part(schemas: Schemas, openai: AnswerForm) -> Part:
    """Return the part; errors take the form of `openai`."""
    shown: dict[type, dict[str, Any]] = {
        struct: schemas.add(struct, "", name=name)
        for struct, name in (
            (TaskPage, "TaskPage"),
            (TaskDetail, "Task"),
            (DeliveryPage, "WebhookPage"),
            (DeliveryDetail, "Webhook"),
            (EndpointList, "WebhookEndpoints"),
        )
    }

    def operation(
        id: str, path: str, summary: str, text: str, struct: type, *errors: Any, post: bool = False, **more: Any
    ) -> Operation:
        gone = (NotFound("There is none."),) if "{" in path else ()
        responses = {
            "200": {
                "description": "The answer.",
                "headers": answer_headers(openai.adapter),
                "content": {"application/json": {"schema": shown[struct]}},
            },
            **fault_responses([((openai.adapter, openai.error), (*UNAUTHORIZED, *gone, *errors, *_BROKEN))]),
        }
        for status, words in _WORDS.items():
            if status in responses:
                responses[status]["description"] = words
        return Operation(
            id=id,
            method="post" if post else "get",
            paths=(_MOUNT + path,),
            summary=summary,
            text=text,
            responses=responses,
            **more,
        )

    task, hook = (path_parameter("task", "The task's id.", _TASK),), (path_parameter("hook", "Its id.", _HOOK),)
    return Part(
        name="Tasks",
        text="Durable work: what was accepted, what became of it, and what is sent to webhooks. Each key sees its own "
        "tasks; without keys everybody sees all.",
        operations=(
            operation("listTasks", "/tasks", "List tasks", "Latest first.", TaskPage, _QUERY, parameters=_TASKS),
            operation("retrieveTask", "/tasks/{task}", "Show a task", "With what was asked and answered.", TaskDetail,
                      parameters=task),
            operation("cancelTask", "/tasks/{task}/cancel", "Cancel a task",
                      "A task that waits ends at once, one that runs within a second or so.", TaskDetail, _STATE,
                      post=True, parameters=task),
            operation("retryTask", "/tasks/{task}/retry", "Try a task again",
                      "Queues a task that has failed or was cancelled as if it were new.", TaskDetail, _STATE,
                      post=True, parameters=task),
            operation("listWebhooks", "/webhooks", "List deliveries to webhooks", "Latest first.", DeliveryPage, _QUERY,
                      parameters=_HOOKS),
            operation("retrieveWebhook", "/webhooks/{hook}", "Show a delivery",
                      "With its body and what came of each attempt.", DeliveryDetail, parameters=hook),
            operation("replayWebhook", "/webhooks/{hook}/replay", "Send a delivery again",
                      "At once, under the same id.", DeliveryDetail, post=True, parameters=hook),
            operation("listWebhookEndpoints", "/webhooks/endpoints", "List disabled addresses",
                      "Addresses that asked for no more requests (410).", EndpointList),
            operation("enableWebhookEndpoint", "/webhooks/endpoints/enable", "Enable an address",
                      "It is called again from now on. Answers with those that stay disabled.", EndpointList, _BODY,
                      NotFound("That address is not disabled.", param="url"), post=True, body=_ENABLE,
                      examples={"An address": {"url": "https://example.com/hooks"}}),
        ),
    )  # fmt: skip


def _one(name: str, text: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": text, "schema": schema}


_PAGES = (
    _one("limit", "How many at most.", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}),
    _one("after", "The `next` of the page before.", {"type": "string"}),
)
_TASKS = (
    _one("state", "Tasks in this state.", {"type": "string", "enum": list(get_args(State))}),
    _one("model", "Tasks of this model, by any of its names.", {"type": "string"}),
    _one(
        "since", "Tasks accepted then or later: a date, or a date and time, as ISO 8601 has them.", {"type": "string"}
    ),
    *_PAGES,
)
_HOOKS = (
    _one("state", "Deliveries in this state.", {"type": "string", "enum": list(get_args(DeliveryState))}),
    _one("task", "Deliveries that tell of this task.", {"type": "string"}),
    *_PAGES,
)
_ENABLE: dict[str, Any] = {
    "title": "WebhookAddress",
    "type": "object",
    "properties": {"url": {"description": "The address.", "type": "string"}},
    "required": ["url"],
}
