"""``python -m core models``: what is in the checkpoints folder."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer


def models(
    folder: Annotated[Path | None, typer.Option(help="Folder of checkpoints.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """List the trained networks; a file that cannot be read gets one sentence."""
    from core import checkpoints

    where = folder or checkpoints.FOLDER
    good, bad = checkpoints.find(where)
    if as_json:
        typer.echo(json.dumps({"models": [asdict(m) for m in good], "unreadable": bad}, indent=2))
        return
    typer.echo(
        f"{'name':<22}{'images seen':>12}{'from':>12}{'val PSNR':>10}{'SSIM':>8}"
        f"{'at level':>10}{'SSIM':>8}{'KiB':>7}  digest"
    )
    for m in good:
        size = (where / f"{m.name}.safetensors").stat().st_size / 1024
        typer.echo(
            f"{m.name:<22}{m.images_seen:>12,}{m.started_from or '-':>12}{m.val_psnr:>7.2f} dB"
            f"{m.val_ssim:>8.4f}{m.val_level_psnr:>7.2f} dB{m.val_level_ssim:>8.4f}{size:>7.0f}  {m.digest}"
        )
    for sentence in bad:
        typer.echo(f"unreadable: {sentence}", err=True)
