"""Pretrained networks of others, on which architectures and losses build."""
