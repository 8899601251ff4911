"""The catalogue: which models exist, under which names, with which limits, prices and defaults."""

from .catalogue import Catalogue, Model, Price

__all__ = ["Catalogue", "Model", "Price"]
