"""Judging results: metrics with their sources, on arrays."""
