"""The same examples on every run, so that a failure is one that can be had again."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "families", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=100
)
settings.load_profile("families")
