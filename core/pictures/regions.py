"""Figures inside a rectangle of a picture: the region of interest drawn in the viewer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.base.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Region:
    """A rectangle of whole pixels: columns ``left`` to ``right - 1``, rows ``top`` to ``bottom - 1``.

    Raises:
        UserError: if it holds no pixel, or starts outside the picture.
    """

    left: int
    top: int
    right: int
    bottom: int

    def __post_init__(self) -> None:
        if not (0 <= self.left < self.right and 0 <= self.top < self.bottom):
            raise UserError(
                f"The region {self.to_text()} holds no pixel: it is left,top,right,bottom in pixels, "
                "right and bottom excluded."
            )

    @classmethod
    def from_text(cls, text: str) -> Region:
        """Read ``left,top,right,bottom``.

        Raises:
            UserError: if the text is not four whole numbers that bound a pixel.

        >>> Region.from_text("8,4,40,20").shape
        (16, 32)
        """
        try:
            left, top, right, bottom = map(int, text.split(","))
        except ValueError as error:
            raise UserError(
                f"The region “{text}” is not left,top,right,bottom in whole pixels, like 8,4,40,20."
            ) from error
        return cls(left, top, right, bottom)

    def to_text(self) -> str:
        """``left,top,right,bottom``, as in the URL."""
        return f"{self.left},{self.top},{self.right},{self.bottom}"

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.bottom - self.top, self.right - self.left

    def mask(self, point: Tensor, picture: Tensor) -> Tensor:
        """``(1, 1, h, w)``: 1 at the pixels of a point that the region of the picture touches, else 0.

        Args:
            point: ``(b, c, h, w)``, of the picture's size or another one of the same field of view.
            picture: ``(b, c, height, width)`` that the region is drawn on.

        Raises:
            UserError: if nothing of the region lies inside the picture.
        """
        self.crop(picture)
        (height, width), (tall, wide) = point.shape[-2:], picture.shape[-2:]
        found = point.new_zeros(1, 1, height, width)
        rows = slice(self.top * height // tall, -(-self.bottom * height // tall))
        columns = slice(self.left * width // wide, -(-self.right * width // wide))
        found[..., rows, columns] = 1
        return found

    def crop(self, values: Tensor) -> Tensor:
        """The part of ``(..., h, w)`` values inside the region; what lies outside the picture is left out.

        Raises:
            UserError: if nothing of the region lies inside the picture.
        """
        part = values[..., self.top : self.bottom, self.left : self.right]
        if not part.numel():
            height, width = values.shape[-2:]
            raise UserError(
                f"The region {self.to_text()} lies outside the picture of {width}×{height} pixels."
            )
        return part


@dataclass(frozen=True)
class RegionQuality:
    """One picture's figures inside a region; ``ssim`` is None where its window does not fit."""

    mse: float
    psnr: float
    ssim: float | None


def quality(pictures: Tensor, truth: Tensor, region: Region) -> list[RegionQuality]:
    """MSE, PSNR and SSIM inside a region, one entry per picture.

    SSIM is that of the cropped pictures: the mean over the pixels whose whole 11×11 window lies
    inside the region. A region below 11 pixels on a side has none.

    Args:
        pictures: ``(b, c, h, w)`` in [0, 1].
        truth: ``(b, c, h, w)`` in [0, 1].
        region: the rectangle.

    Raises:
        UserError: if the region lies outside the pictures.
    """
    from core.pictures import metrics

    shown, expected = region.crop(pictures), region.crop(truth)
    errors, ratios = metrics.mse(shown, expected).tolist(), metrics.psnr(shown, expected).tolist()
    fits = min(shown.shape[-2:]) >= metrics.SSIM_TAPS
    similarities = metrics.ssim(shown, expected).tolist() if fits else [None] * len(errors)
    return [RegionQuality(*row) for row in zip(errors, ratios, similarities, strict=True)]
