"""What can be configured: one struct per table of `maxserve.toml`, with every default."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import Meta

from ..access import Accounts, Key, Keys, MaskingRule, digest_of
from ..apis.registry import FLAVOURS
from ..chat import Category
from ..chat.units import Count, Seconds
from ..engines import EmbeddedSettings, EngineSettings
from ..gateway.settings import GatewaySettings
from ..http.address import Address
from ..masking import DETECTORS, Names, Policy, Style
from ..moderation import Action, SensitivityPolicy
from ..tasks import TaskSettings
from ..webhooks import WebhookSettings
from ..webhooks.signature import Signer, decode_secrets

LogLevel = Literal["debug", "info", "warning", "error"]
if TYPE_CHECKING:
    Flavour = str
    ChatFlavour = str
else:  # the allowed words are those of the registered APIs
    Flavour = Literal[FLAVOURS]
    ChatFlavour = Literal[("model", *FLAVOURS)]
MinimaxRoute = Literal["chat", "native"]
Meaning = Category | Literal["none"]
Port = Annotated[int, Meta(ge=0, le=65535)]


class ServerSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where and how the server listens; the `[server]` table.

    `port` 0 = any free one. `max_body_bytes` is the largest request body; `keep_alive_comment_s` the pause after which
    a silent stream gets a comment line, so that proxies do not cut it; `drain_s` how long a stopping server waits for
    running requests.
    """

    host: str = "127.0.0.1"
    port: Port = 8080
    max_body_bytes: Count = 64 * 1024 * 1024
    keep_alive_comment_s: Seconds = 15.0
    drain_s: Annotated[float, Meta(ge=0)] = 30.0
    log_level: LogLevel = "info"
    access_log: bool = False


class AuthSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may call; the `[auth]` table.

    Without any key here or under `[keys]`, everybody who can reach the server may use it; only a loopback address
    allows that.
    """

    keys: tuple[str, ...] = ()
    """Keys without settings of their own: each is the secret, or `sha256:` and the 64 hex digits of its digest."""
    signing_key: str | None = None
    """Signs thoughts that clients keep (Anthropic's `signature`). None = a random one, kept in the data directory.
    Replicas need the same."""


class KeySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One API key and what holds for its requests; a `[keys.NAME]` table. It needs `digest` or `secret`."""

    digest: str | None = None
    """`sha256:` and the 64 hex digits of the secret's SHA-256."""
    secret: str | None = None
    """The secret itself, in place of `digest`."""
    flavour: Flavour | None = None
    """The API whose form `/v1/chat/completions` takes; None = as `chat.flavour` says."""
    masking: MaskingRule | None = None
    """"on" or "off" for requests that do not say, "always" for all; None = as `masking.enabled` says."""
    accounts: tuple[str, ...] = ()
    """Cloudflare account ids that only this key, and others that name them, may use; the first is its own."""
    webhook_secrets: tuple[str, ...] = ()
    """What signs its webhooks: one or more `whsec_…`, each adds a signature; empty = `webhooks.secrets`."""

    def key(self, name: str) -> Key:
        """Return the key; raises `ValueError` where there is not exactly one of digest and secret, or a wrong one."""
        if (self.digest is None) == (self.secret is None):
            raise ValueError("it needs either digest or secret")
        if self.digest is not None and not self.digest.startswith("sha256:"):
            raise ValueError("digest is sha256: and 64 hex digits in lower case")
        decode_secrets(self.webhook_secrets)
        return Key(
            digest=digest_of(self.digest or self.secret or ""),
            name=name,
            flavour=self.flavour,
            masking=self.masking,
            accounts=self.accounts,
            webhook_secrets=self.webhook_secrets,
        )


class LimitSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much is taken on at once; the `[limits]` table.

    `max_concurrent` requests run together, `max_queue` more may wait, further ones are refused at once.
    `request_timeout_s` counts from a request's arrival; `max_n` is the number of results one request may ask for.
    """

    max_concurrent: Count = 256
    max_queue: Annotated[int, Meta(ge=0)] = 1024
    request_timeout_s: Seconds = 3600.0
    max_n: Count = 16


class CatalogueSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[catalogue]` table: `file` adds models to the shipped catalogue, or replaces some."""

    file: Path | None = None


class ChatSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[chat]` table: `flavour` is how `/v1/chat/completions` answers; "model" = as the model's name says."""

    flavour: ChatFlavour = "model"


class MinimaxSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[minimax]` table: streams as MiniMax's service has been seen to write them, per route.

    Routes are "chat" (`/v1/chat/completions`) and "native" (`/v1/text/chatcompletion_v2`). `cumulative_reasoning`
    repeats the whole thought in every `reasoning_details`; `final_frame` sends the whole answer once more at the end,
    with usage and `base_resp` (docs/wire/minimax.md §5).
    """

    cumulative_reasoning: tuple[MinimaxRoute, ...] = ()
    final_frame: tuple[MinimaxRoute, ...] = ("native",)


class CloudswaySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[cloudsway]` table.

    `endpoints` binds the `{endpointPath}` of `/v1/ai/{endpointPath}/chat/completions` to a model; while there are none,
    any path goes and the body names the model. `max_output` is the most tokens a request may ask for (the vendor's
    page says 2048); None = what the model allows.
    """

    endpoints: dict[str, str] = {}
    max_output: Count | None = None


class MaskingSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is masked in answers, and how; the `[masking]` table.

    `enabled` is for requests that do not say. `style` "stars" puts `***` in a secret's place, "labels" its kind
    (`[EMAIL]`). `names` are masked wherever they stand as words; each of `patterns` is a line `LABEL=PATTERN`. `prompt`
    hides what a masked request says from the engine, behind placeholders that are put back into the answer. A key's own
    rule is in its table (`[keys.NAME] masking`).
    """

    enabled: bool = False
    style: Style = "stars"
    detectors: tuple[str, ...] = tuple(DETECTORS)
    names: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    prompt: bool = False

    def policy(self, keys: Iterable[Key] = ()) -> Policy:
        """Return the policy; raises `ValueError` for an unknown detector, or a wrong name or pattern."""
        return Policy(
            default=self.enabled,
            style=self.style,
            detectors=self.detectors,
            names=self.names,
            patterns=self.patterns,
            prompt=self.prompt,
            by_key={key.id: key.masking for key in keys if key.masking is not None},
        )


class SensitivitySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What prompts and answers may not say; the `[sensitivity]` table.

    `prompt` and `answer` give categories an action, "flag" or "block". Each of `patterns` is a line
    `CATEGORY=PATTERN`. `url` is the base of a moderation endpoint up to `/v1`, with its `key`, the `model` asked of it
    and a timeout; `categories` says which category each of its names means, "none" = no one. `stretch` is how many
    characters of an answer wait for its judgement, where that may block.
    """

    prompt: dict[str, Action] = {}
    answer: dict[str, Action] = {}
    patterns: tuple[str, ...] = ()
    url: str | None = None
    key: str | None = None
    model: str | None = None
    timeout_s: Seconds = 5.0
    categories: dict[str, Meaning] = {}
    stretch: Count = 500

    def names(self) -> Names:
        """Return what the endpoint's names mean."""
        return Names({name: None if meaning == "none" else meaning for name, meaning in self.categories.items()})

    def policy(self) -> SensitivityPolicy:
        """Return the policy; raises `ValueError` where a category, a pattern or the address will not do."""
        if self.url is not None:
            Address.parse(self.url)
        return SensitivityPolicy(
            prompt=self.prompt,
            answer=self.answer,
            patterns=self.patterns,
            judged=() if self.url is None else self.names().categories,
        )


class StoreSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[store]` table: `url` is the database; None = SQLite in the data directory, `maxserve.db`.

    `sqlite:///FILE` or `postgresql://USER@HOST/NAME`, which several replicas can share.
    """

    url: str | None = None


class CloudflareSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[cloudflare]` table.

    While no account is configured, here or for a key (`[keys.NAME] accounts`), any account id is accepted.
    """

    accounts: tuple[str, ...] = ()
    """Account ids that every key may use, unless a key's table names them too."""
    cache_bytes: Count = 256 * 1024 * 1024
    """The size of the cached answers of all gateways together."""
    models_list: bool = True
    """Whether `GET …/ai/v1/models` is answered; the vendor refuses it."""


class RunwareSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[runware]` table.

    `reasoning` is where thoughts go in native answers: "field" = `reasoningContent`, "inline" = a `<think>` block in
    the text, "model" = inline for M2.x, in the field for M3 (docs/wire/runware.md §4, §12). `idle_s` is when a silent
    WebSocket is closed, `resume_s` how long undelivered results wait for their client to come back. `max_tasks` may
    stand in one array, `max_open` may be at work on one WebSocket; further ones wait.
    """

    reasoning: Literal["model", "inline", "field"] = "model"
    idle_s: Seconds = 120.0
    resume_s: Seconds = 120.0
    max_tasks: Count = 100
    max_open: Count = 100


def default_engines() -> dict[str, EngineSettings]:
    """The engines of a fresh machine: the two demo checkpoints."""
    return {
        "m2": EmbeddedSettings(model="demo-m2", family="m2"),
        "m3": EmbeddedSettings(model="demo-m3", family="m3"),
    }


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that can be configured; `data_dir` is where pulled weights and histories live."""

    data_dir: Path
    server: ServerSettings = ServerSettings()
    auth: AuthSettings = AuthSettings()
    keys: dict[str, KeySettings] = {}
    limits: LimitSettings = LimitSettings()
    catalogue: CatalogueSettings = CatalogueSettings()
    chat: ChatSettings = ChatSettings()
    minimax: MinimaxSettings = MinimaxSettings()
    cloudsway: CloudswaySettings = CloudswaySettings()
    cloudflare: CloudflareSettings = CloudflareSettings()
    gateways: dict[str, GatewaySettings] = msgspec.field(default_factory=lambda: {"default": GatewaySettings()})
    runware: RunwareSettings = RunwareSettings()
    store: StoreSettings = StoreSettings()
    tasks: TaskSettings = TaskSettings()
    webhooks: WebhookSettings = WebhookSettings()
    masking: MaskingSettings = MaskingSettings()
    sensitivity: SensitivitySettings = SensitivitySettings()
    engines: dict[str, EngineSettings] = msgspec.field(default_factory=default_engines)

    def access_keys(self) -> Keys:
        """Return every key: those with a table of their own, and those of `[auth] keys`."""
        named = [settings.key(name) for name, settings in self.keys.items()]
        return Keys([*(Key(digest=digest_of(key)) for key in self.auth.keys), *named])

    def masking_policy(self) -> Policy:
        """Return the masking policy with the rules of single keys."""
        return self.masking.policy(self.access_keys())

    def webhook_signer(self) -> Signer:
        """Return the signer of webhooks with the secrets of single keys."""
        return Signer(self.webhooks.secrets, {key.id: key.webhook_secrets for key in self.access_keys()})

    def cloudflare_accounts(self) -> Accounts:
        """Return the accounts of the configuration and of its keys."""
        return Accounts(self.cloudflare.accounts, self.access_keys())
