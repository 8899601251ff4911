"""Cloudsway's MaaS."""

from __future__ import annotations

from ..apis.cloudsway import CloudswayChatAdapter
from ..apis.openai_chat import wire
from ..chat import NotFound
from ..config import Config
from .answer import answers
from .chat_request import REFUSED_PARTS, chat_request
from .examples import ELEPHANTS, chat_examples, user
from .faults import GENERATING
from .forms import Forms
from .mounts import Mounts
from .operation import Operation, Part, path_parameter
from .schema import Schemas

UNBOUND = NotFound("No model is bound to the endpoint path 'elephants'.")


def cloudsway_part(config: Config, mounts: Mounts, schemas: Schemas, forms: Forms) -> Part:
    """Return the part; where the configuration binds endpoint paths to models, the body need not name one."""
    rules = mounts.adapter(CloudswayChatAdapter).rules
    bound = config.cloudsway.endpoints
    body = schemas.add(
        wire.ChatRequest, "Chat", chat_request(config, rules), name="CloudswayChatRequest", without=REFUSED_PARTS
    )
    there = body
    if bound:
        fields = chat_request(config, rules, named=False)
        there = schemas.add(
            wire.ChatRequest, "Chat", fields, name="CloudswayEndpointChatRequest", without=REFUSED_PARTS
        )
    errors = (*GENERATING, UNBOUND) if bound else GENERATING
    examples = {
        **chat_examples("MaaS_Minimax_M2.7_20260318"),
        "Thinking in a field of its own": {
            "model": "MiniMax-M2.5",
            "reasoning_split": True,
            "messages": [{"role": "user", "content": [{"type": "text", "text": ELEPHANTS}]}],
        },
        "Who speaks": {
            "model": "MaaS_Minimax_M2.7_20260318",
            "messages": [{"role": "system", "name": "MiniMax AI"}, {"name": "user", **user("hello")}],
        },
    }
    return Part(
        name="Cloudsway",
        text="For clients of Cloudsway's MaaS. Sensitive information is masked unless a request says otherwise; "
        "thinking is left out unless it says `reasoning_split: true`.",
        operations=(
            Operation(
                id="createEndpointChatCompletion",
                method="post",
                paths=mounts.paths(CloudswayChatAdapter, variable=True),
                summary="Answer a conversation at an endpoint path",
                text="The path that Cloudsway gives to its customers. "
                + ("It stands for a model." if bound else "Any one will do here: the body names the model."),
                parameters=(path_parameter("endpoint", "The endpoint path.", next(iter(bound), "elephants")),),
                body=there,
                examples=examples,
                responses=answers([forms["cloudsway"]], errors),
            ),
            Operation(
                id="createCloudswayChatCompletion",
                method="post",
                paths=mounts.paths(CloudswayChatAdapter),
                summary="Answer a conversation, always in Cloudsway's form",
                text="What `/v1/chat/completions` does for names like `MaaS_…`, whatever the model is called.",
                body=body,
                examples=examples,
                responses=answers([forms["cloudsway"]]),
            ),
        ),
    )
