"""Three cards: what each classifier says to the digit, clean and attacked, as bars over the ten classes."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np

from core.certificates.classification import Certificate
from core.experiment.answers import Answer, Answered
from core.pictures import render
from core.training.recipes import recipe
from pages.widgets.page.names import Name

TITLES = ("Standard training", "Adversarial training", "Smoothed classifier g")
SHOWN = ".stHtml .cards, [class*=st-key-digits-plane]"
"""The cards and the planes of the page, as CSS finds them."""
CSS = f"<style>{(Path(__file__).parent / 'digit_cards.css').read_text(encoding='utf-8')}</style>"


def html(outcome: Answered) -> str:
    """The cards as far as the outcome is known."""
    clean = outcome.picture[0, 0].numpy()
    cards = [
        _card(title, _saw(answer.network), clean, answer)
        for title, answer in zip(TITLES, outcome.answers, strict=False)
    ]
    cards.append(_smoothed_card(clean, outcome))
    return f"{CSS}<div class='cards'>{''.join(cards)}</div>"


def called(outcome: Answered) -> dict[str, Name]:
    """What the cards of networks are called, by network."""
    return {name: Name(title) for name, title in zip(outcome.scenario.networks, TITLES, strict=False)}


def _saw(network: str) -> str:
    """What it saw in training besides digits."""
    trained = recipe(network)
    if trained.identity.objective == "standard":
        return "no defence"
    if trained.identity.objective == "smoothing":
        return f"saw noise σ = {trained.level:g}"
    return f"saw attacks of {'ε' if trained.attack == 'l2' else 'one step of ε'} = {trained.level:g}"


def _card(title: str, how: str, clean: np.ndarray, answer: Answer) -> str:
    rows = [
        _try(clean, answer.clean, f"clean: “{answer.before}” with {answer.clean.max():.1%}"),
        _try(
            answer.picture,
            answer.attacked,
            f"attacked: “{answer.after}” with {answer.attacked.max():.1%}{_size(answer)}",
            stays=answer.before,
        ),
    ]
    return _frame(title, how, _verdict(answer), rows)


def _smoothed_card(clean: np.ndarray, outcome: Answered) -> str:
    s, found, answer = outcome.scenario, outcome.certificate, outcome.smoothed
    denoised = "behind a denoiser, " * (s.identity.objective == "denoised")
    title, how = TITLES[2], f"{denoised}most votes under noise σ = {s.sigma:g}"
    if found is None:
        return _frame(title, how, ("", "open"), [])
    count = int(found.votes.sum())
    rows = [
        _try(
            clean,
            found.votes / count,
            f"{found.votes[found.candidate]:,} of {count:,} votes for “{found.candidate}”, "
            f"so p ≥ {found.p_lower:.4f} ({1 - s.alpha:.4g})",
            bound=found.p_lower,
            answer=found.candidate,
        )
    ]
    if answer is None:
        return _frame(title, how, (_certified(found), "open"), rows)
    rows.append(
        _try(
            answer.picture,
            answer.attacked,
            f"attacked: {answer.attacked.max():.1%} of votes for “{answer.after}”{_size(answer)}",
            stays=found.candidate,
        )
    )
    verdict, tone = _verdict(answer)
    return _frame(title, how, (f"{verdict}; {_certified(found)}", tone), rows)


def _certified(found: Certificate) -> str:
    return "abstains: no certificate" if found.abstained else f"certified to <b>R = {found.radius:.2f}</b>"


def _verdict(answer: Answer) -> tuple[str, str]:
    if answer.flipped:
        return f"flips from <b>{answer.before}</b> to <b>{answer.after}</b>", "bad"
    return f"stays <b>{answer.before}</b>", ""


def _size(answer: Answer) -> str:
    return f", ‖e‖₂ = {answer.length:.2f}"


def _frame(title: str, how: str, verdict: tuple[str, str], rows: list[str]) -> str:
    text, tone = verdict
    return (
        f"<div class='card'><h5>{title}</h5><div class='how'>{how}</div>"
        f"<div class='verdict {tone}'>{text}</div>{''.join(rows)}</div>"
    )


def _try(
    picture: np.ndarray,
    shares: np.ndarray,
    said: str,
    *,
    stays: int | None = None,
    bound: float | None = None,
    answer: int | None = None,
) -> str:
    """One picture and the shares of the ten classes; ``stays`` is the answer that was wanted."""
    top = int(shares.argmax()) if answer is None else answer
    tone = "top" if stays is None or stays == top else "changed"
    slots = "".join(
        f"<div class='slot'><div class='space'><div class='bar {tone if digit == top else ''}' "
        f"style='height:{100 * share:.1f}%'></div></div>"
        f"<div class='digit {'top' if digit == top else ''}'>{digit}</div></div>"
        for digit, share in enumerate(shares)
    )
    # The digits below the bars take 0.95 of 4.5 rem.
    lines = "" if bound is None else _line("half", 0.5) + _line("line", bound)
    grey = np.repeat((picture.clip(0, 1) * 255).round().astype(np.uint8)[..., None], 3, axis=2)
    source = "data:image/png;base64," + base64.b64encode(render.png(grey)).decode()
    return (
        f"<div class='try'><img src='{source}' alt='{said}'>"
        f"<div class='bars' role='img' aria-label='{said}'>{slots}{lines}</div>"
        f"<div class='said'>{said}</div></div>"
    )


def _line(kind: str, share: float) -> str:
    return f"<div class='{kind}' style='bottom:calc(0.95rem + {share:.4f} * 3.55rem)'></div>"
