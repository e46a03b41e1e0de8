"""Where and how networks run: device, precision, fusing, memory format, chunks, one thread.

A network is prepared once (:meth:`Engine.prepare`): batch norm folded into the convolutions,
channels-last, no weight gradients, and a bfloat16 copy if that is faster on this machine.
Whether it is, is measured and not assumed (a processor without bfloat16 units is slower), once
for all processes of a machine (:mod:`core.precision`).

All work for a device runs on one thread that belongs to its engine. That serialises the
sessions of a server, as a lock would, and it keeps torch fast: OpenMP makes a team of threads
for every thread that calls it, and as soon as all teams together have more threads than there
are cores, each parallel step takes two to three times as long (its threads stop spinning).
"""

from __future__ import annotations

import ctypes
import sys
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import torch
from torch import Tensor, nn

from core.errors import UserError
from core.fusion import fused
from core.networks.unet import UNet
from core.precision import MEASURED, remembered
from core.scenario import PRECISIONS

Report = TypeVar("Report")
Result = TypeVar("Result")

THREADS = torch.get_num_threads()
"""Threads that an engine's own thread computes with: what torch starts with on this machine."""

BFLOAT16_GAIN = 1.2
"""How many times faster bfloat16 must be before ``auto`` takes it."""

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
    if not available.get(wanted, False):
        there = ", ".join(name for name, present in available.items() if present)
        raise UserError(f"No device “{wanted}” here: choose one of {there}.")
    return wanted


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
        threads: CPU threads of the engine's own thread; figures repeat exactly only with the
            same number.

    Raises:
        UserError: for an unknown device or precision.
    """

    device: str = "auto"
    precision: str = "auto"
    threads: int = THREADS

    def __post_init__(self) -> None:
        self._thread_number = -1
        self._worker = ThreadPoolExecutor(1, "engine", initializer=self._own_thread)
        self._worker.submit(int).result()
        # From now on every other thread works alone, so that none makes a team of its own.
        torch.set_num_threads(1)
        self.device = choose_device(self.device)
        if self.device == "cpu":
            _keep_freed_memory()
        if self.precision not in PRECISIONS:
            raise UserError(f"No precision “{self.precision}”: choose one of {', '.join(PRECISIONS)}.")

    def _own_thread(self) -> None:
        self._thread_number = threading.get_ident()
        torch.get_num_threads()  # a thread's first question sets its number to the common one
        torch.set_num_threads(self.threads)

    def do(self, work: Callable[[], Result]) -> Result:
        """Run ``work`` on the engine's thread and return its result, or raise its exception."""
        if threading.get_ident() == self._thread_number:
            return work()
        return self._worker.submit(work).result()

    def drive(self, work: Generator[Report, None, Result]) -> Generator[Report, None, Result]:
        """Take each step of a generator on the engine's thread.

        Between two steps other users of the engine get their turn. Closing this generator
        closes ``work`` there too.
        """
        try:
            while True:
                try:
                    report = self.do(lambda: next(work))
                except StopIteration as stop:
                    result: Result = stop.value
                    return result
                yield report
        finally:
            self.do(work.close)

    @property
    def chunk(self) -> int:
        """160x160 images per forward call: what fits the caches of a CPU or fills a GPU."""
        return 17 if self.device == "cpu" else 250

    def resolve(self, precision: str) -> str:
        """``float32`` or ``bfloat16``: what ``auto`` means on this machine."""
        if precision not in PRECISIONS:
            raise UserError(f"No precision “{precision}”: choose one of {', '.join(PRECISIONS)}.")
        if precision != "auto":
            return precision
        return self.measured_precision if self.precision == "auto" else self.precision

    @cached_property
    def measured_precision(self) -> str:
        """The faster of float32 and bfloat16 on a U-Net forward, timed once on this machine."""
        return remembered(self.device, self.threads, lambda: self.do(self._measure_precision))

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

    def prepare(self, network: nn.Module, precision: str = "auto") -> Estimator:
        """Fold, lay out and freeze a network (or a baseline without weights)."""
        exact = self._callable(network, torch.float32)
        resolved = self.resolve(precision)
        if resolved == "float32" or not any(True for _ in network.parameters()):
            return Estimator(exact, exact)
        return Estimator(exact, self._callable(network, torch.bfloat16))

    def _callable(self, network: nn.Module, dtype: torch.dtype) -> Callable[[Tensor], Tensor]:
        ready = fused(network).requires_grad_(False).to(self.device, dtype)
        ready = ready.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

        def call(measurement: Tensor) -> Tensor:
            output: Tensor = ready(measurement.contiguous(memory_format=torch.channels_last))
            return output.float()

        return call
