"""Filters over the columns of real databases, with the engine as the oracle."""
