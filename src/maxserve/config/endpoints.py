"""Whether every bound path leads to a model."""

from __future__ import annotations

from ..catalogue import Catalogue
from ..chat import UnknownModel
from .settings import Config
from .sourced import ConfigError


def refuse_unknown_endpoints(config: Config, catalogue: Catalogue) -> None:
    """Raise `ConfigError` where `[cloudsway.endpoints]` names models that the catalogue has not.

    Said when the server starts: a caller of such a path would be told of a model that they never asked for.
    """
    problems = []
    for endpoint, model in config.cloudsway.endpoints.items():
        try:
            catalogue.resolve(model)
        except UnknownModel as error:
            problems.append(f"cloudsway.endpoints.{endpoint}: {error.message}")
    if problems:
        raise ConfigError(*problems)
