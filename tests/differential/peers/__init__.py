"""The cases of the differential test, answered by other libraries where they claim the RFC.

`python -m tests.differential.peers scim-patch --count 20000 --seed 1`; see `__main__` for all options.
"""
