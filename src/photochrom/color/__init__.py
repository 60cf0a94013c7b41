"""Color science on numpy or torch arrays: one implementation, channels first."""
