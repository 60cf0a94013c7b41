"""Training: recipes as dataclasses, the visible loop, and what a run leaves behind."""
