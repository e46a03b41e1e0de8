"""A small convolutional classifier of 28x28 digits: two convolutions with batch norm, one linear layer."""

from __future__ import annotations

from torch import Tensor, nn

SIDE = 28
CLASSES = 10
WIDTHS = (32, 64)
STRIDE = 2


class DigitCNN(nn.Module):
    r"""The base classifier :math:`f`: scores of the ten digits from a picture in [0, 1].

    Two blocks of (convolution, batch norm, leaky ReLU), 5x5 and 3x3, each of which halves the
    picture by its stride, and a linear head: 50,794 parameters with the default widths.

    Args:
        widths: feature channels of the two convolutions.
    """

    def __init__(self, widths: tuple[int, int] = WIDTHS) -> None:
        super().__init__()
        first, second = widths
        self.features = nn.Sequential(
            nn.Conv2d(1, first, 5, stride=STRIDE, padding=2, bias=False),
            nn.BatchNorm2d(first),
            nn.LeakyReLU(inplace=True),
            nn.Conv2d(first, second, 3, stride=STRIDE, padding=1, bias=False),
            nn.BatchNorm2d(second),
            nn.LeakyReLU(inplace=True),
        )
        self.head = nn.Linear(second * (SIDE // STRIDE**2) ** 2, CLASSES)

    def forward(self, pictures: Tensor) -> Tensor:
        """Map ``(b, 1, 28, 28)`` pictures to ``(b, 10)`` scores; softmax makes them probabilities.

        Pictures may leave [0, 1]: smoothing noise takes them there.
        """
        features = self.features(pictures.to(self.head.weight.dtype))
        scores: Tensor = self.head(features.flatten(1))
        return scores
