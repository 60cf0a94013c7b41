"""Colorization networks: torch-free cards, and one module per network, named as published."""
