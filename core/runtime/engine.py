"""Where and how networks run: device, precision, fusing, memory format, chunks, workers.

A network is prepared once (:meth:`Engine.prepare`): batch norm folded into the convolutions,
channels-last, no weight gradients, and a bfloat16 copy if that is faster on this machine.
Whether it is, is measured and not assumed (a processor without bfloat16 units is slower), once
for all processes of a machine (:mod:`core.runtime.precision`).

All work for a device runs on the workers of its engine (:mod:`core.base.workers`), one thread each, who
take it in turns for the sessions of a server. On a CPU a batch is cut into pieces that they share.
"""

from __future__ import annotations

import ctypes
import math
import sys
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from core.base import PRECISIONS
from core.base.errors import UserError, existing
from core.base.progress import Progress
from core.base.workers import Workers, spread
from core.networks.unet import UNet
from core.pictures.images import SIZE
from core.problems.problem import Network
from core.runtime.fusion import fused
from core.runtime.precision import MEASURED, remembered
from core.runtime.tiles import Tiled
from core.runtime.turns import Turns

Report = TypeVar("Report")
Result = TypeVar("Result")

THREADS = torch.get_num_threads()
"""Workers of an engine on a CPU: as many as torch would start threads on this machine."""

MEMORY = 2048
"""MiB that a run on a large picture may take by default."""

PLAIN = 544**2
"""Pixels of a picture up to which a network is run on it as it is; linear problems have fewer."""

PER_PIXEL = 640
"""Bytes per pixel of a U-Net with the graph of its gradient, in float32, rounded up."""

PIECE = 5
"""160x160 pictures that one worker of a CPU takes at a time: about what its cache holds."""

BFLOAT16_GAIN = 1.2
"""How many times faster bfloat16 must be before ``auto`` takes it."""

WAITING = 0.1
"""Seconds between two reports of a work that waits for its turn."""

ROUNDS = 6
"""Timings of each precision, of which the shortest counts."""


def choose_device(wanted: str = "auto") -> str:
    """``cuda``, ``mps`` or ``cpu``: what is asked for, or the best there is for ``auto``.

    Raises:
        UserError: if this machine does not have what is asked for.
    """
    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if wanted == "auto":
        return next(name for name, there in available.items() if there)
    return existing("device here", wanted, [name for name, there in available.items() if there])


def _keep_freed_memory() -> None:
    """Let glibc keep up to 256 MiB of freed memory instead of returning it to the system.

    Feature maps of some MiB are allocated and freed in every layer; by default each is mapped
    anew and paid for page by page. On other C libraries nothing happens.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        trim_threshold, mmap_threshold, arena_max = -1, -3, -8
        mallopt(mmap_threshold, 32 * 2**20)
        mallopt(trim_threshold, 256 * 2**20)
        mallopt(arena_max, 1)  # other threads' arenas would not keep it


@dataclass(frozen=True)
class Estimator:
    """A network ready to run, as a function of float32 measurements ``(b, c, h, w)``.

    Attributes:
        exact: computes in float32.
        fast: computes in the engine's chosen precision; takes and returns float32. Attack
            gradients and smoothing samples, of which there are many, use it.
    """

    exact: Callable[[Tensor], Tensor]
    fast: Callable[[Tensor], Tensor]


@dataclass
class Engine:
    """One device with its precision; share one engine between all who use the device.

    Args:
        device: see :func:`choose_device`.
        precision: ``float32``, ``bfloat16`` or ``auto``: the faster by measurement.
        threads: workers on a CPU, of one thread each; figures do not depend on their number.
        memory: MiB that a run on a large picture may take, on a CPU: decides the size of tiles.

    Attributes:
        chunk: 160x160 pictures per call of an estimator: bounds its memory, fills a GPU.

    Raises:
        UserError: for an unknown device or precision.
    """

    device: str = "auto"
    precision: str = "auto"
    threads: int = THREADS
    memory: int = MEMORY

    def __post_init__(self) -> None:
        self.device = choose_device(self.device)
        # One worker feeds a GPU; more would only contend for it.
        self.workers = Workers(self.threads if self.device == "cpu" else 1)
        self.turns = Turns()
        self.chunk = PIECE if self.device == "cpu" else 250
        if self.device == "cpu":
            _keep_freed_memory()
        existing("precision", self.precision, PRECISIONS)

    def do(self, work: Callable[[], Result]) -> Result:
        """Run ``work`` on one of the workers and return its result, or raise its exception."""
        return self.workers.do(work)

    def drive(self, work: Generator[Report, None, Result]) -> Generator[Report | Progress, None, Result]:
        """Take each step of a generator on one of the workers, when it is this work's turn.

        Who shares the engine goes first come, first served (:mod:`core.runtime.turns`); while others go
        before, reports say how many. Closing this generator closes ``work`` too.
        """
        with self.turns.arrive() as ticket:
            try:
                while True:
                    while not ticket.wait(WAITING):
                        yield Progress(ticket.said, 0.0)
                    started = time.perf_counter()
                    try:
                        report = self.do(lambda: next(work))
                    except StopIteration as stop:
                        result: Result = stop.value
                        return result
                    finally:
                        ticket.stepped(time.perf_counter() - started)
                    yield report
            finally:
                self.do(work.close)

    def halve(self) -> None:
        """Take half as many pictures per call from now on, since the device's memory was full.

        Raises:
            UserError: if it was one already.
        """
        if self.chunk == 1:
            raise UserError(
                "The memory of this device holds no picture of this size: close what else uses it, or take a "
                "smaller one."
            )
        self.chunk //= 2
        if self.device == "cuda":
            torch.cuda.empty_cache()

    def chunk_for(self, point: Tensor, cost: float = 1.0) -> int:
        """Pictures of the size of ``(b, c, h, w)`` per call of an estimator that takes ``cost`` times as much
        memory per pixel as a U-Net."""
        return max(1, int(self.chunk * SIZE**2 / (cost * point.shape[-2] * point.shape[-1])))

    def resolve(self, precision: str) -> str:
        """``float32`` or ``bfloat16``: what ``auto`` means on this machine."""
        if existing("precision", precision, PRECISIONS) != "auto":
            return precision
        return self.measured_precision if self.precision == "auto" else self.precision

    @cached_property
    def measured_precision(self) -> str:
        """The faster of float32 and bfloat16 on a U-Net forward, timed once on this machine."""
        return remembered(self.device, lambda: self.do(self._measure_precision))

    def _measure_precision(self) -> str:
        """Time both in turn, so that what else the machine does meets both."""
        sample = torch.randn(4, 3, 160, 160, device=self.device)
        runs = {precision: self._callable(UNet(), getattr(torch, precision)) for precision in MEASURED}
        seconds = dict.fromkeys(MEASURED, float("inf"))
        for _ in range(ROUNDS):
            for precision, run in runs.items():
                with suppress(RuntimeError):  # this device has no such operation
                    seconds[precision] = min(seconds[precision], self._time(run, sample))
        faster = seconds["float32"] > BFLOAT16_GAIN * seconds["bfloat16"]
        return "bfloat16" if faster else "float32"

    def _time(self, run: Callable[[Tensor], Tensor], sample: Tensor) -> float:
        started = time.perf_counter()
        with torch.no_grad():
            run(sample).sum().item()
        return time.perf_counter() - started

    def prepare(self, network: Network, precision: str = "auto") -> Estimator:
        """Fold, lay out and freeze a network; a function without weights stays as it is."""
        if not isinstance(network, nn.Module):
            return self._estimator(network, network)
        exact = self._callable(network, torch.float32)
        return self._estimator(
            exact, exact if self.resolve(precision) == "float32" else self._callable(network, torch.bfloat16)
        )

    def behind(self, estimator: Estimator, wrap: Callable[[Network], Network]) -> Estimator:
        """A prepared network as an estimator of a problem's points
        (:meth:`core.problems.problem.Observation.wrap`)."""
        exact, fast = (getattr(each, "call", each) for each in (estimator.exact, estimator.fast))
        return self._estimator(wrap(exact), wrap(fast))

    def _estimator(self, exact: Network, fast: Network) -> Estimator:
        return Estimator(*(_InPieces(each) if self.device == "cpu" else each for each in (exact, fast)))

    def _callable(self, network: nn.Module, dtype: torch.dtype) -> Network:
        ready = fused(network).requires_grad_(False).to(self.device, dtype)
        ready = ready.to(memory_format=torch.channels_last)

        def plain(measurement: Tensor, *context: Any) -> Tensor:
            output: Tensor = ready(measurement.contiguous(memory_format=torch.channels_last), *context)
            return output.float()

        halo = getattr(network, "halo", None)

        def call(measurement: Tensor, *context: Any) -> Tensor:
            if halo is None or measurement.shape[-2] * measurement.shape[-1] <= PLAIN:
                return plain(measurement, *context)
            found: Tensor = Tiled.apply(measurement, plain, self.tile(halo), halo)
            return found

        return call

    def effort(self, point: Tensor, halo: int = 112) -> float:
        """How many times as long a gradient takes on a large picture as on one of 160x160 pixels: for its
        pixels, for those of the halos, and since outputs are computed twice."""
        height, width = point.shape[-2:]
        return 4 / 3 * (1 + 2 * halo / self.tile(halo)) ** 2 * height * width / SIZE**2

    def tile(self, halo: int) -> int:
        """Side of the tiles of a large picture: with halos, those of all workers take a quarter of the
        memory; the rest is for the process and for pictures of full size."""
        outer = math.isqrt(self.memory * 2**20 // (4 * self.workers.count * PER_PIXEL))
        return max(64, (outer - 2 * halo) // 64 * 64)


class _InPieces:
    """A function of batches ``(b, c, h, w)``, picture by picture, computed piece by piece.

    The pieces are shared among the workers, forwards and gradients alike. They are cut by the
    batch alone, so that results do not depend on who computes them.
    """

    def __init__(self, call: Callable[[Tensor], Tensor]) -> None:
        self.call = call

    def __call__(self, batch: Tensor) -> Tensor:
        pieces = _cut(batch)
        if len(pieces) == 1:
            return self.call(batch)
        if torch.is_grad_enabled() and batch.requires_grad:
            output: Tensor = _Pieces.apply(batch, self.call)
            return output
        return torch.cat(spread(self.call, pieces))


def _cut(batch: Tensor) -> list[Tensor]:
    """Even pieces of a batch, each of at most :data:`PIECE` pictures of 160x160 pixels."""
    largest = max(1, PIECE * SIZE**2 // (batch.shape[-2] * batch.shape[-1]))
    return list(torch.tensor_split(batch, max(1, -(-len(batch) // largest))))


class _Pieces(torch.autograd.Function):
    """Both passes of a function of batches, shared among the workers."""

    @staticmethod
    def forward(ctx: Any, batch: Tensor, call: Callable[[Tensor], Tensor]) -> Tensor:
        """Each piece keeps a graph of its own."""

        @torch.enable_grad()
        def run(piece: Tensor) -> tuple[Tensor, Tensor]:
            point = piece.detach().requires_grad_(True)
            return point, call(point)

        ctx.pieces = spread(run, _cut(batch))
        return torch.cat([output.detach() for _, output in ctx.pieces])

    @staticmethod
    def backward(ctx: Any, *cotangents: Tensor) -> tuple[Tensor, None]:
        """The pieces' gradients, and none for the function."""
        sizes = [len(point) for point, _ in ctx.pieces]

        def pull_back(part: tuple[tuple[Tensor, Tensor], Tensor]) -> Tensor:
            (point, output), cotangent = part
            if not output.requires_grad:
                return torch.zeros_like(point)
            (gradient,) = torch.autograd.grad(output, point, cotangent, materialize_grads=True)
            return gradient

        parts = list(zip(ctx.pieces, torch.split(cotangents[0], sizes), strict=True))
        return torch.cat(spread(pull_back, parts)), None
