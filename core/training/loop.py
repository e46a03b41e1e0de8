"""The training loop: resumable after a kill, and the same network as without one.

Every step's crops, noise and attack starts come from (seed, step), so a run continued from
its saved state repeats what an uninterrupted run would have done.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.base.errors import UserError, refusals_explained
from core.base.files import write_atomically
from core.base.seeds import derive
from core.training.photos import PhotoFolder
from core.training.plan import Plan
from core.training.recipes import Recipe
from core.training.tasks import Facts, SuperResolutionTask, Task, trained_on
from core.zoo import checkpoints


@dataclass(frozen=True)
class Progress:
    """One report of a running training: steps done of all, mean loss since the last report
    (in the units of the problem), and where the run stands."""

    step: int
    steps: int
    loss: float
    images_per_second: float


class Trainer:
    """One recipe on one set of photos.

    Args:
        recipe: what to train.
        task: what the recipe's problem measures, minimises and says about itself; the
            super-resolution recipes bring theirs.
        train: training photos.
        validation: photos for the figures in the metadata; never test photos.
        folder: where the checkpoint goes; the unfinished state lies below ``.training``.
        device: ``cpu``, ``cuda`` or ``mps``.
        mixed_precision: compute convolutions in bfloat16 (weights stay float32).
        save_every: seconds between saved states.
    """

    def __init__(
        self,
        recipe: Plan,
        train: PhotoFolder,
        validation: PhotoFolder,
        *,
        task: Task | None = None,
        folder: Path | None = None,
        device: str = "cpu",
        mixed_precision: bool = True,
        save_every: float = 60.0,
        report_every: int = 50,
    ) -> None:
        self.recipe = recipe
        self.name = recipe.identity.name
        self.train = train
        self.validation = validation
        self.folder = folder or checkpoints.FOLDER
        self.device = torch.device(device)
        self.mixed_precision = mixed_precision
        self.save_every = save_every
        self.report_every = report_every
        if task is None:
            if not isinstance(recipe, Recipe):
                raise TypeError(f"{self.name} needs a task")
            task = SuperResolutionTask(recipe)
        self.task = task
        self.step = 0
        self.curve: list[dict[str, float]] = []
        torch.manual_seed(derive(recipe.seed, "weights"))
        self.network = task.build()
        if recipe.start:
            started, _ = checkpoints.load(recipe.start, self.folder)
            taken = {k: v for k, v in started.state_dict().items() if not k.startswith(recipe.fresh)}
            self.network.load_state_dict(self.network.state_dict() | taken)
        self.network.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimiser = torch.optim.Adam(self.network.parameters(), lr=recipe.learning_rate)
        self._resume()

    # -- the run ---------------------------------------------------------------------------

    def run(self) -> Iterator[Progress]:
        """Train to the end, saving on the way; the checkpoint stands when it is exhausted."""
        saved = reported = time.monotonic()
        losses: list[torch.Tensor] = []
        while self.step < self.recipe.steps:
            losses.append(self._train_step())
            self.step += 1
            now = time.monotonic()
            if self.step % self.report_every == 0 or self.step == self.recipe.steps:
                loss = torch.stack(losses).mean().item()
                if not math.isfinite(loss):
                    raise UserError(
                        f"{self.name}: the loss is no longer finite at step {self.step}: "
                        "lower the learning rate."
                    )
                rate = len(losses) * self._images_per_step / (now - reported)
                self.curve.append(
                    {"step": self.step, "images_seen": self.step * self._images_per_step, "loss": loss}
                )
                losses, reported = [], now
                yield Progress(self.step, self.recipe.steps, loss, rate)
            if now - saved > self.save_every:
                self._save_state()
                saved = now
        self._finish()

    def _train_step(self) -> torch.Tensor:
        crops_from = np.random.default_rng(derive(self.recipe.seed, "crops", self.step))
        truth = self.train.random_crops(self.recipe.batch, self.recipe.crop, crops_from)
        truth = truth.to(self.device, memory_format=torch.channels_last)
        for group in self.optimiser.param_groups:
            group["lr"] = self._learning_rate(self.step)
        self.network.train()
        seed = derive(self.recipe.seed, "inputs", self.step)
        loss = self.task.loss(self.network, truth, seed, self.step, self._autocast)
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        if self.recipe.clip:
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.clip)
        self.optimiser.step()
        return loss.detach()

    def _learning_rate(self, step: int) -> float:
        """Linear warm-up, then a half cosine down to zero."""
        progress = (step + 1) / self.recipe.steps
        warmup = max(self.recipe.warmup, 1 / self.recipe.steps)
        if progress < warmup:
            return self.recipe.learning_rate * progress / warmup
        return (
            self.recipe.learning_rate
            * 0.5
            * (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup + 1e-12)))
        )

    def _autocast(self) -> AbstractContextManager[Any]:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.mixed_precision)

    @property
    def _images_per_step(self) -> float:
        return self.recipe.batch * self.recipe.crop**2 / 160**2

    # -- what is on disk -------------------------------------------------------------------

    @property
    def _state_path(self) -> Path:
        return self.folder / ".training" / f"{self.name}.safetensors"

    def _fingerprint(self) -> str:
        return json.dumps([asdict(self.recipe), self.train.digest], sort_keys=True)

    def _save_state(self) -> None:
        from safetensors.torch import save

        state = self.optimiser.state_dict()["state"]
        tensors = {f"network/{key}": value for key, value in self.network.state_dict().items()}
        tensors |= {
            f"adam/{index}/{key}": torch.as_tensor(value)
            for index, entry in state.items()
            for key, value in entry.items()
        }
        header = {
            "fingerprint": self._fingerprint(),
            "step": str(self.step),
            "curve": json.dumps(self.curve),
        }
        on_cpu = {key: value.detach().cpu().contiguous() for key, value in tensors.items()}
        write_atomically(self._state_path, save(on_cpu, header))

    def _resume(self) -> None:
        """Continue an unfinished run of the very same recipe and photos, if one is there.

        Raises:
            UserError: if its state cannot be read.
        """
        from safetensors import SafetensorError, safe_open

        if not self._state_path.exists():
            return
        try:
            with refusals_explained(self._state_path), safe_open(self._state_path, framework="pt") as file:
                header = file.metadata() or {}
                if header.get("fingerprint") != self._fingerprint():
                    return
                tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        except SafetensorError:  # cut off: the run begins anew
            return
        network: dict[str, torch.Tensor] = {}
        state: dict[int, dict[str, torch.Tensor]] = {}
        for key, value in tensors.items():
            if key.startswith("network/"):
                network[key.removeprefix("network/")] = value
            else:
                _, index, entry = key.split("/")
                state.setdefault(int(index), {})[entry] = value
        self.network.load_state_dict(network)
        groups = self.optimiser.state_dict()["param_groups"]
        self.optimiser.load_state_dict({"state": state, "param_groups": groups})
        self.step = int(header["step"])
        self.curve = json.loads(header["curve"])

    def _finish(self) -> None:
        """Validate the weights as they are stored (float16) and write checkpoint and curve."""
        import pandas as pd

        for value in self.network.state_dict().values():
            if value.is_floating_point():
                value.copy_(value.half().float())
        facts = Facts(self.train, trained_on(self.device, self.mixed_precision))
        metadata = self.task.metadata(self.network.eval(), self.validation, facts)
        checkpoints.save(self.network, metadata, self.folder)
        curve: bytes = pd.DataFrame(self.curve).to_parquet(index=False)
        write_atomically(self.folder / f"{self.name}.curve.parquet", curve)
        self._state_path.unlink(missing_ok=True)
