"""Weights and what they say about themselves: cards, checkpoints, export, the embedded model."""
