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
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import torch

from core.base.errors import UserError, refusals_explained
from core.base.files import write_atomically
from core.base.progress import PartDone
from core.base.seeds import derive
from core.networks import build
from core.networks.denoised import Denoised
from core.problems import PROBLEMS
from core.training.objectives import objective
from core.training.recipe import Recipe
from core.training.tasks import Data, Task, task_of
from core.zoo import checkpoints, metadata


class Trainer:
    """One recipe on one set of data, whatever the problem.

    Args:
        recipe: what to train.
        train: training data, as the recipe's :class:`core.training.tasks.Task` reads them.
        validation: data for the figures in the metadata; never test data.
        task: instead of :func:`core.training.tasks.task_of`'s.
        folder: where the checkpoint goes; the unfinished state lies below ``.training``.
        device: ``cpu``, ``cuda`` or ``mps``.
        mixed_precision: compute convolutions in bfloat16 (weights stay float32).
        save_every: seconds between saved states.
        report_every: steps between two points of the curve.
    """

    def __init__(
        self,
        recipe: Recipe,
        train: Data,
        validation: Data,
        *,
        task: type[Task[Any]] | None = None,
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
        self.task = (task or task_of(PROBLEMS[recipe.identity.problem]))(recipe, self.device)
        self.step = 0
        self.curve: list[dict[str, float]] = []
        torch.manual_seed(derive(recipe.seed, "weights"))
        self.network = build(recipe.architecture, **recipe.network)
        if recipe.start:
            started, _ = checkpoints.load(recipe.start, self.folder)
            taken = {k: v for k, v in started.state_dict().items() if not k.startswith(recipe.fresh)}
            begun = self.network.estimator if isinstance(self.network, Denoised) else self.network
            begun.load_state_dict(begun.state_dict() | taken)
        self.network.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimiser = torch.optim.Adam(self.network.parameters(), lr=recipe.learning_rate)
        self._resume()

    # -- the run ---------------------------------------------------------------------------

    def run(self) -> Iterator[PartDone]:
        """Train to the end, saving on the way; the checkpoint stands when it is exhausted."""
        saved = reported = time.monotonic()
        losses: list[torch.Tensor] = []
        while self.step < self.recipe.steps:
            losses.append(self.train_step())
            self.step += 1
            now = time.monotonic()
            if self.step % self.report_every == 0 or self.step == self.recipe.steps:
                loss = torch.stack(losses).mean().item()
                if not math.isfinite(loss):
                    raise UserError(
                        f"{self.name}: the loss is no longer finite at step {self.step}: "
                        "lower the learning rate."
                    )
                per_step = self.recipe.images_per_step
                rate = len(losses) * per_step / (now - reported)
                self.curve.append({"step": self.step, "images_seen": self.step * per_step, "loss": loss})
                losses, reported = [], now
                yield PartDone(self.step, self.recipe.steps, f"loss {loss:.5f}, {rate:.0f} images/s")
            if now - saved > self.save_every:
                self.save_state()
                saved = now
        self._finish()

    def train_step(self) -> torch.Tensor:
        """Take one step of the optimiser; the batch's loss."""
        for group in self.optimiser.param_groups:
            group["lr"] = self._learning_rate(self.step)
        self.network.train()
        seed = derive(self.recipe.seed, "inputs", self.step)
        seen = self.task.observe(self.train, self.step, seed)
        with self._autocast():
            loss = objective(self.recipe, self.task.unit, self.step)(self.network, seen, seed, self.step)
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

    # -- what is on disk -------------------------------------------------------------------

    @property
    def _state_path(self) -> Path:
        return self.folder / ".training" / f"{self.name}.safetensors"

    def _fingerprint(self) -> str:
        return json.dumps([asdict(self.recipe), self.train.digest], sort_keys=True)

    def save_state(self) -> None:
        """Write what a later start goes on from."""
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
        facts = self._common() | self._scores() | self.task.facts()
        checkpoints.save(self.network, metadata.of(facts), self.folder)
        curve: bytes = pd.DataFrame(self.curve).to_parquet(index=False)
        write_atomically(self.folder / f"{self.name}.curve.parquet", curve)
        self._state_path.unlink(missing_ok=True)

    def _common(self) -> dict[str, Any]:
        """What the metadata of all problems have."""
        mixed = ", bfloat16 mixed precision" if self.mixed_precision else ""
        return {
            "name": self.name,
            "problem": self.recipe.identity.problem,
            "objective": self.recipe.identity.objective,
            "level": self.recipe.level,
            "architecture": self.recipe.architecture,
            "images_seen": self.recipe.images_seen,
            "steps": self.recipe.steps,
            "started_from": self.recipe.start,
            "recipe": asdict(self.recipe),
            "data": self.task.said.format(len(self.train)),
            "data_digest": self.train.digest,
            "seed": self.recipe.seed,
            "trained_on": f"{self.device.type}, torch {torch.__version__}{mixed}",
            "date": date.today().isoformat(),
        }

    def _scores(self) -> dict[str, float]:
        """Means over the validation, clean and under stress, by their fields in the metadata."""
        stress, rows = self.task.stress(), []
        self.network.eval()
        for number, seen in enumerate(self.task.validation(self.validation)):
            stressed = stress.inputs(self.network, seen, derive(0, "validation", number))
            with torch.no_grad():
                outputs = [seen.wrap(self.network)(point) for point in (seen.point, stressed)]
            rows.append(torch.cat([self.task.problem.scores(each, seen.target) for each in outputs]))
        fields = [f"val_{at}{name}" for at in ("", "level_") for name in self.task.problem.figures]
        return dict(zip(fields, torch.cat(rows, dim=1).mean(1).tolist(), strict=True))
