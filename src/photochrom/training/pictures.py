"""A recipe's pictures: opened, chosen, parted, and cropped as its ``[data]`` section says."""

from __future__ import annotations

from collections.abc import Sequence

from photochrom.data.categories import in_categories
from photochrom.data.dataset import Crops
from photochrom.data.pictures import Pictures, Subset
from photochrom.data.sources import open_pictures
from photochrom.data.split import split
from photochrom.data.transforms import Augmentation
from photochrom.training.config import Recipe


def chosen_pictures(recipe: Recipe, places: Sequence[str]) -> Pictures:
    """The pictures at these places, of the recipe's categories."""
    pictures: Pictures = open_pictures(places)
    if recipe.data.categories:
        pictures = in_categories(pictures, recipe.data.categories)
    return pictures


def split_of(pictures: Pictures, recipe: Recipe) -> tuple[Subset, Subset]:
    """Pictures to train on and pictures to judge by, at most a fifth of all."""
    return split(
        pictures,
        validation=min(recipe.data.validation, len(pictures) // 5),
        limit=recipe.data.limit or None,
        seed=recipe.seed,
    )


def training_crops(recipe: Recipe, pictures: Pictures, *, size: int) -> Crops:
    """The crops that training visits, by position, at a side of ``size`` pixels."""
    data = recipe.data
    return Crops(
        pictures,
        size=size,
        augmentation=Augmentation(data.smallest_crop, data.stretch, data.flip),
        seed=recipe.seed,
        variants=data.variants,
        frames=recipe.network.frames,
        pan=data.pan,
    )
