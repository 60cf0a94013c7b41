"""A photograph in and out: decode, orientation, depth, profiles, metadata, encode."""
