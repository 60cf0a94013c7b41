"""A verdict as one page that needs nothing beside it."""
