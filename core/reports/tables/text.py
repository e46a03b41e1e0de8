"""Tables as Markdown, LaTeX and CSV."""

from __future__ import annotations

import math
from collections.abc import Callable

import pandas as pd

from core.base.errors import existing
from core.reports.tables.table import Table

PARTS = {"ours": "Ours", "published": "Published", "difference": "Difference (ours − published)"}
TITLES = {"mse": "MSE", "psnr": "PSNR dB", "ssim": "SSIM", "sigma_g": "", "norm": "",
          "discrepancy": "discrepancy", "accuracy": "", "ratio": ""}  # fmt: skip
DIGITS = {"mse": ".4f", "psnr": ".2f", "ssim": ".4f", "sigma_g": "g", "norm": ".8f",
          "discrepancy": ".3e", "accuracy": ".3f", "ratio": ".2f"}  # fmt: skip
LATEX = {"σ_f": r"$\sigma_f$", "σ_g": r"$\sigma_g$", "ε_rel": r"$\varepsilon_{\mathrm{rel}}$",
         "σ_b": r"$\sigma_b$", "σ_tr": r"$\sigma_{\mathrm{tr}}$", "σ": r"$\sigma$",
         "‖e_f‖": r"$\|e_f\|_2$", "‖e_g‖": r"$\|e_g\|_2$", "ε": r"$\varepsilon$", "−": "$-$",
         "×": r"$\times$"}  # fmt: skip


def number(value: float, metric: str, part: str) -> str:
    """A figure as the tables print it; a dash where there is none."""
    if math.isnan(value):
        return "–"
    form = DIGITS[metric]
    return f"{value:+{form}}" if part == "difference" and value != 0 else f"{value:{form}}"


def _grid(table: Table, part: str, bold: Callable[[str], str]) -> pd.DataFrame:
    """Texts by row label and (column, metric), in the table's order; the best ones bold.

    Rows without any figure in this part are left out.
    """
    texts: dict[tuple[str, str], dict[str, str]] = {}
    filled = table.cells[table.cells.groupby("row")[part].transform("count") > 0]
    for cell in filled.to_dict("records"):
        text = number(cell[part], cell["metric"], part)
        if part != "difference" and cell[f"best_{part}"]:
            text = bold(text)
        texts.setdefault((cell["column"], TITLES[cell["metric"]]), {})[cell["row"]] = text
    grid = pd.DataFrame(texts, index=list(dict.fromkeys(filled["row"])))
    return grid.fillna("–")


def _parts(table: Table) -> dict[str, str]:
    """The parts that have any figure, with their headings."""
    return {part: title for part, title in PARTS.items() if table.cells[part].notna().any()}


def to_markdown(table: Table) -> str:
    """Headed Markdown: one table each for ours, the published and the difference."""
    blocks = [f"### Table {table.name}: {table.title}"]
    for part, title in _parts(table).items():
        grid = _grid(table, part, lambda text: f"**{text}**")
        columns = [" ".join(word for word in column if word) for column in grid.columns]
        lines = [f"| {title} | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
        lines += [f"| {row} | {' | '.join(grid.loc[row])} |" for row in grid.index]
        blocks.append("\n".join(lines))
    return "\n\n".join([*blocks, *table.notes])


def to_latex(table: Table) -> str:
    """Three ``tabular`` environments (package booktabs) with their headings as comments."""
    blocks = [f"% Table {table.name}: {table.title}"]
    for part, title in _parts(table).items():
        grid = _grid(table, part, lambda text: rf"\textbf{{{text}}}")
        if all(metric == "" for _, metric in grid.columns):
            grid.columns = grid.columns.droplevel(1)
        text = grid.style.to_latex(hrules=True, multicol_align="c", column_format="l" + "r" * grid.shape[1])
        blocks.append(f"% {title}\n{text.rstrip()}")
    text = "\n\n".join([*blocks, *(f"% {note}" for note in table.notes)])
    for sign, command in LATEX.items():
        text = text.replace(sign, command)
    return text


def to_csv(table: Table) -> str:
    """One line per cell and metric, with the interval."""
    cells: str = table.cells.assign(table=table.name).to_csv(index=False)
    return cells.rstrip("\n")


FORMATS = {"markdown": to_markdown, "latex": to_latex, "csv": to_csv}


def render(table: Table, form: str) -> str:
    """The table as ``markdown``, ``latex`` or ``csv``.

    Raises:
        UserError: for another format.
    """
    return FORMATS[existing("format", form, FORMATS)](table)
