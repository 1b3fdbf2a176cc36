"""A differential test of `scim_engine` against the reference implementation in `tests/reference`.

`python -m tests.differential filters --count 100000 --seed 1`; see `__main__` for all options.
"""
