"""Training of a digit network: minutes on one core, so a run is repeated rather than resumed."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.attacks.classification import CrossEntropy
from core.attacks.digits import perturb
from core.base.errors import UserError
from core.base.seeds import derive, derive_many
from core.networks import build
from core.networks.digit_cnn import SIDE, WIDTHS
from core.problems.digits.data import Digits
from core.training.digits_recipes import Recipe
from core.zoo import checkpoints
from core.zoo.metadata import DigitsMetadata


@dataclass(frozen=True)
class Progress:
    """Steps done of all, and the mean loss of the last ones."""

    step: int
    steps: int
    loss: float


def train(
    recipe: Recipe, digits: Digits, validation: Digits, *, folder: Path | None = None, report_every: int = 50
) -> Iterator[Progress]:
    """Train to the end; the checkpoint stands, whole, when the iterator is exhausted.

    Order, noise and attack starts of every step come from (seed, step).

    Args:
        recipe: what to train.
        digits: training digits.
        validation: digits for the figures in the metadata; nothing is chosen by them.
        folder: where the checkpoint goes.
        report_every: steps between two reports.

    Raises:
        UserError: if the loss is no longer finite, or the checkpoint cannot be written.
    """
    started = time.monotonic()
    torch.manual_seed(derive(recipe.seed, "weights"))
    network = build("digit_cnn", widths=WIDTHS).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimiser = torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    steps_an_epoch = -(-len(digits) // recipe.batch)
    steps, step, losses = recipe.epochs * steps_an_epoch, 0, []
    for epoch in range(recipe.epochs):
        order = np.random.default_rng(derive(recipe.seed, "order", epoch)).permutation(len(digits))
        for batch in torch.split(torch.from_numpy(order), recipe.batch):
            progress = (step + 1) / steps
            grown = min(1.0, progress / recipe.warmup)
            for group in optimiser.param_groups:
                group["lr"] = recipe.learning_rate * grown * 0.5 * (1 + math.cos(math.pi * progress))
            taken = _shifted(digits.take(batch), recipe.shift, derive(recipe.seed, "shifts", step))
            with torch.autocast("cpu", torch.bfloat16):
                loss = _loss(network, taken, recipe, grown, derive(recipe.seed, "inputs", step))
            optimiser.zero_grad(set_to_none=True)
            torch.autograd.backward(loss)
            optimiser.step()
            losses.append(loss.item())
            step += 1
            if step % report_every == 0 or step == steps:
                mean = sum(losses) / len(losses)
                if not math.isfinite(mean):
                    raise UserError(f"{recipe.identity.name}: the loss is no longer finite at step {step}.")
                losses = []
                yield Progress(step, steps, mean)
    _finish(network, recipe, digits, validation, folder, steps, time.monotonic() - started)


def _loss(network: nn.Module, digits: Digits, recipe: Recipe, grown: float, seed: int) -> Tensor:
    """Mean cross entropy of one batch as the recipe's objective wants it."""
    inputs = training_inputs(network, digits, recipe, recipe.level * grown, seed)
    network.train()
    return F.cross_entropy(network(inputs), digits.labels)


def _shifted(digits: Digits, most: int, seed: int) -> Digits:
    """The digits, each moved by up to ``most`` pixels along both axes; zeros move in."""
    moves = np.random.default_rng(seed).integers(-most, most + 1, size=(2, len(digits)))
    rows, columns = (torch.from_numpy(m).view(-1, 1) + torch.arange(SIDE) + most for m in moves)
    padded = F.pad(digits.pictures, (most, most, most, most))
    places = torch.arange(len(digits)).view(-1, 1, 1)
    moved = padded[places, 0, rows.unsqueeze(2), columns.unsqueeze(1)].unsqueeze(1)
    return replace(digits, pictures=moved)


def training_inputs(network: nn.Module, digits: Digits, recipe: Recipe, level: float, seed: int) -> Tensor:
    """``(b, 1, 28, 28)`` as the network is to see them: clean, noisy, or attacked (in eval mode)."""
    objective = recipe.identity.objective
    if objective == "standard":
        return digits.pictures
    if objective == "smoothing":
        noise = torch.empty_like(digits.pictures)
        return digits.pictures + level * noise.normal_(generator=torch.Generator().manual_seed(seed))
    network.eval().requires_grad_(False)
    attacked = perturb(
        CrossEntropy(network, digits.labels),
        digits.pictures,
        recipe.identity.attack,
        level,
        steps=recipe.attack_steps,
        seeds=derive_many(seed, "start", len(digits)),
        keep="final",
        step=2.0 / max(2, recipe.attack_steps),
    )
    network.requires_grad_(True)
    return digits.pictures + attacked.kept


def accuracy(network: nn.Module, pictures: Tensor, labels: Tensor) -> float:
    """Share of pictures ``(n, 1, 28, 28)`` that a network in eval mode answers rightly."""
    with torch.no_grad():
        answers = torch.cat([network(part).argmax(1) for part in torch.split(pictures, 500)])
    return (answers == labels).double().mean().item()


def _finish(
    network: nn.Module,
    recipe: Recipe,
    digits: Digits,
    validation: Digits,
    folder: Path | None,
    steps: int,
    seconds: float,
) -> None:
    """Score the weights as they are stored (float16) and write the checkpoint."""
    for value in network.state_dict().values():
        if value.is_floating_point():
            value.copy_(value.half().float())
    network.eval()
    own = training_inputs(network, validation, recipe, recipe.level, derive(recipe.seed, "validation"))
    checkpoints.save(
        network,
        DigitsMetadata(
            name=recipe.identity.name,
            problem=recipe.identity.problem,
            objective=recipe.identity.objective,
            level=recipe.level,
            attack=recipe.identity.attack,
            architecture="digit_cnn",
            widths=WIDTHS,
            images_seen=recipe.epochs * len(digits),
            steps=steps,
            started_from="",
            recipe=asdict(recipe),
            data=f"MNIST, {len(digits)} training digits",
            data_digest=digits.digest,
            seed=recipe.seed,
            val_accuracy=accuracy(network, validation.pictures, validation.labels),
            val_level_accuracy=accuracy(network, own, validation.labels),
            trained_on=f"cpu, torch {torch.__version__}, {torch.get_num_threads()} threads, "
            f"bfloat16 mixed precision, {seconds:.0f} s",
            date=date.today().isoformat(),
        ),
        folder,
    )
