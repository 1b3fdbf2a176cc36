"""Storages of an endpoint over tables, on real databases."""
