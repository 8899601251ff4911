"""Comparisons and budgets: how fast maxserve is beside its own engine, and beside others.

`python -m bench` runs everything; `python -m bench.relay` and its neighbours one part each. They write their tables
into bench/REPORT.md. Linux only: they pin processes to cores and read /proc.
"""
