"""Pictures for training and judging: folders, shards, splits, transforms, statistics."""
