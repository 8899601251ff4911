"""The training package is the whole recipe of the two checkpoints that ship with maxserve."""
