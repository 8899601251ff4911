"""The catalogue: which models exist, under which names, with which limits, prices and defaults."""

from .catalogue import DEMO_DEFAULTS, Catalogue, Defaults, Model, Price

__all__ = ["DEMO_DEFAULTS", "Catalogue", "Defaults", "Model", "Price"]
