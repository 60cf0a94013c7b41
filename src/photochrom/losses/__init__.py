"""Training losses: torch-free cards, and one module per loss."""
