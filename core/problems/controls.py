"""Controls of fields that several scenarios have: label, widget, the values offered, what they are called."""

from __future__ import annotations

from core.attacks.registry import titles
from core.attacks.terms import KEEPS, LEVELS, LOSSES, NORMS
from core.base.options import Control, Widget

STANDARDISED, GREY_LEVELS = "standardised", "{:g} grey levels"
ATTACK, SMOOTHING = "Attack", "Smoothing and seed"

_VIEWS = (192, 256, 384, 0)
_EPS_RELS = (*(i / 400 for i in range(21)), *(i / 100 for i in range(6, 21)))
_SIGMA_GS = (0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 1, 1.1, 1.2)
_EPSES = (0, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30)
_SIGMAS = (0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50)
_SIGMA_BS = (0, 2, 5, 10, 15, 20, 25, 30, 40, 50)
_SAMPLES = (1, 2, 5, 10, 20, 50, 100, 200, 500)
_TARGETS = {"deployed": "ĝ itself", "base": "f alone"}

VIEW = Control("Field of view", values=(160, *_VIEWS), names={0: "full resolution"}, form="photo at {} px")
SIZE = Control("Crop", values=(66, 96, 128, 160))
WHOLE = Control("The whole photo", Widget.TOGGLE)
CROP_X = Control("Crop ↔", Widget.RANGE)
CROP_Y = Control("Crop ↕", Widget.RANGE)

EPS_REL = Control("Attack strength ε_rel", Widget.SLIDER, _EPS_RELS, unit=STANDARDISED)
SIGMA_G = Control("Smoothing noise σ_g", Widget.SLIDER, _SIGMA_GS, unit=STANDARDISED)
EPS = Control("Attack strength ε", Widget.SLIDER, _EPSES, form=GREY_LEVELS)
SIGMA = Control("Smoothing noise σ", Widget.SLIDER, _SIGMAS, form=GREY_LEVELS)
SIGMA_B = Control("Measurement noise σ_b", Widget.SLIDER, _SIGMA_BS, form=GREY_LEVELS)
RATIO = Control("Measured m/n", Widget.SLIDER, (0.1, 0.2, 0.25, 0.3, 0.4, 0.5))

ATTACK_ON = Control("The attack is made on", Widget.SEGMENTS, names=_TARGETS)
KIND = Control("Kind", names=titles, group=ATTACK)
LOSS = Control("The attack raises", Widget.SEGMENTS, names=LOSSES, group=ATTACK)
NORM = Control(
    "ε is", Widget.SEGMENTS, names={norm: f"{said}, {NORMS[norm]}" for norm, said in LEVELS.items()},
    group=ATTACK,
)  # fmt: skip
ATTACK_REGION = Control("Where it acts", names={"": "the whole picture"}, form="region {}", group=ATTACK)
ATTACKED = Control(
    "Perturbation made on", names={"self": "each estimator, its own"}, form="{}, for all", group=ATTACK
)
STEPS = Control("Steps", values=(0, 1, 2, 5, 10, 20, 50, 100), group=ATTACK)
ATTACK_SAMPLES = Control(
    "Samples M of the attack on ĝ", values=(1, 4, 8, 16, 64), group=ATTACK, when=("attack_on", ["deployed"])
)
KEEP = Control("Result", names=KEEPS, group=ATTACK)
BOX = Control("Keep inside [0, 1]", Widget.TOGGLE, group=ATTACK)

SAMPLES = Control("Samples k", values=(*_SAMPLES, 1000), form="{:,}", group=SMOOTHING)
AVERAGE = Control(
    "Smoothed estimate", names={"mean": "mean of the draws", "median": "median of the draws"}, group=SMOOTHING
)
ALPHA = Control("Error probability α", values=(0.05, 0.01, 0.001, 0.0001), form="{:g}", group=SMOOTHING)
PRECISION = Control("Precision", group=SMOOTHING)
SEED = Control("Seed", Widget.NUMBER, group=SMOOTHING)
