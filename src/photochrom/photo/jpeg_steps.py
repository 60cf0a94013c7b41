"""The luma of a YCbCr JPEG, coded again by the steps of its own table.

Its coefficients are multiples of those steps and are found again, at the source's own size of file.
Any other table, finer ones too, would round them anew.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import simplejpeg
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from photochrom.photo.jpeg_luma import CodedLuma, coded_luma
from photochrom.photo.jpeg_segments import with_size

_BLOCK = 8
_LARGEST_STEP = 255  # of more the encoder complains to the terminal
_BANDS = 64  # rows of blocks that are tried; blocks do not depend on each other

# Levels that were clipped at black and white hide what the coefficients were. Where these are many
# (printed matter of low quality), mean squares of the difference come out above those of a usual
# table, which are 1 to 3.
_MOST_DIFFERENCE = 1.0


@dataclass(frozen=True, eq=False)
class SteppedLuma:
    """What codes a decoded luma as it was coded.

    ``steps`` is its table row by row; ``right`` (height, 0 to 7) and ``below`` (0 to 7, width and
    that) are what the last blocks hold beyond the picture: with anything else there, they would not
    be the same blocks.
    """

    steps: tuple[int, ...]
    right: np.ndarray
    below: np.ndarray

    @property
    def height(self) -> int:
        """Rows of the picture."""
        return int(self.right.shape[0])

    @property
    def width(self) -> int:
        """Columns of the picture."""
        return int(self.below.shape[1] - self.right.shape[1])

    def coded(self, luma: np.ndarray) -> CodedLuma | None:
        """``luma`` (height, width) uint8 in coded blocks; None where that is not close to it."""
        if self.right.size:
            luma = np.concatenate((luma, self.right), axis=1)
        if self.below.size:
            luma = np.concatenate((luma, self.below))
        bands = luma.reshape(-1, _BLOCK, luma.shape[1])
        some = bands[:: -(-len(bands) // _BANDS)].reshape(-1, luma.shape[1])
        tried = simplejpeg.decode_jpeg(self._as_jpeg(some), colorspace="GRAY")[..., 0]
        if np.square(tried - some.astype(np.float32)).mean() > _MOST_DIFFERENCE:
            return None
        return coded_luma(with_size(self._as_jpeg(luma), self.height, self.width))

    def _as_jpeg(self, luma: np.ndarray) -> bytes:
        file = io.BytesIO()
        Image.fromarray(luma).save(file, "JPEG", qtables=[self.steps])
        return file.getvalue()


def with_whole_blocks(data: bytes, image: JpegImageFile, longest_side: int) -> bytes | None:
    """The same JPEG as if its picture went on to the end of the last blocks of luma.

    None for one whose luma is no component of full size among three, or of an unusual layout.
    """
    height, width = (-(-side // _BLOCK) * _BLOCK for side in (image.height, image.width))
    if not _is_ycbcr(image) or max(height, width) > longest_side:
        return None
    factors = zip(*(layer[1:3] for layer in image.layer), strict=True)
    if any(not own or most % own for most, *others in factors for own in others):
        return None
    try:
        return with_size(data, height, width)
    except ValueError:
        return None


def stepped_luma(whole: np.ndarray, image: JpegImageFile) -> SteppedLuma | None:
    """Of the luma (in whole blocks) of ``with_whole_blocks``; None if its steps are absurd."""
    height, width = image.height, image.width
    steps = tuple(image.quantization[image.layer[0][3]])
    if max(steps) > _LARGEST_STEP:
        return None
    return SteppedLuma(steps, whole[:height, width:].copy(), whole[height:].copy())


def _is_ycbcr(image: JpegImageFile) -> bool:
    """Whether the components are those, told as libjpeg does."""
    if len(image.layer) != 3 or "jfif" in image.info:
        return len(image.layer) == 3
    if "adobe" in image.info:
        return bool(image.info.get("adobe_transform"))
    return bytes(layer[0] for layer in image.layer) != b"RGB"
