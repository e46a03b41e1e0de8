"""A folder at once: every chosen network on every chosen photo, attacked alike."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from core.base.errors import UserError
from core.base.options import Control, Options, Widget, option
from core.evaluation.comparison import Comparison, compare_on, summary
from core.pictures import images, render
from core.pictures.images import Photo
from core.problems import problem_of, restoring
from core.problems.scenario import PhotoScenario
from core.problems.super_resolution import SUPER_RESOLUTION
from core.results.summary import noticed
from core.zoo import registry
from pages.widgets.page import links, names, notices, refusals, style
from pages.widgets.page.controls import Controls
from pages.widgets.page.resources import lab
from pages.widgets.scenario import live_run, verdict

USUAL = ("sr-x2-std", "sr-x2-adv-0.02", "sr-x2-rs-0.10")
PHOTOS = ("astronaut", "chelsea", "coffee")
MOST = 50
"""Photos at once."""
FOUND = "folder.found"
TITLE = "#### A folder at once"


@dataclass(frozen=True)
class View(Options):
    """Which networks meet which photos, under which attack; the last network is smoothed too."""

    networks: tuple[str, ...] = option(
        USUAL, "Of one problem; the last one that you choose is smoothed too.",
        Control("Networks", Widget.PILLS),
    )  # fmt: skip
    photos: tuple[str, ...] = option(
        PHOTOS, "Photos that come with the app; your own below.", Control("Photos", Widget.PILLS)
    )
    attack: str = option("apgd", PhotoScenario.explain("attack"), PhotoScenario.controls()["attack"])
    level: float = option(
        0.0,
        "How far every measurement is moved, in the unit of the networks' problem.",
        Control("Attack strength", Widget.SLIDER, (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 1, 2, 5, 10)),
        low=0,
        high=255,
    )


CONTROLS = Controls(View, "folder", page="folder-of-photos")


def page() -> None:
    """Choose, attack, and all pictures on one sheet."""
    style.show()
    heading = st.empty()
    heading.markdown(TITLE)
    CONTROLS.begin(_check)
    models, _ = registry.find(weights=True)
    there = [model.name for model in models if model.problem in restoring()]
    st.multiselect(
        "Networks", [*dict.fromkeys((*CONTROLS["networks"], *there))], key=CONTROLS.key("networks"),
        help=View.explain("networks"),
    )  # fmt: skip
    st.multiselect("Photos", [*images.BUNDLED], key=CONTROLS.key("photos"), help=View.explain("photos"))
    own = st.file_uploader(
        "Your own photos", type=["png", "jpg", "jpeg", "webp"], accept_multiple_files=True, key="folder.own",
        help="At least 160×160 pixels each. They stay on this server.",
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        CONTROLS.draw("attack", width=300)
        _draw_level()
        asked = st.button("Attack them all", type="primary", icon=":material/bolt:")
    links.write(CONTROLS.to_query())
    photos = [images.bundled(name) for name in CONTROLS["photos"]]
    photos += [images.decode(file.getvalue(), file.name) for file in own]
    scenario = _scenario(photos)
    heading.markdown(
        f"{TITLE}\nEvery network restores every photo: clean, under noise, and attacked. You get the figures "
        f"by file, and one sheet of all attacked pictures. The attack: **{verdict.attack(scenario)}**."
    )
    wanted = (scenario, tuple(photo.digest for photo in photos))
    if asked:
        found, place = live_run.shown(compare_on(scenario, lab(), photos), key="folder_status")
        place.empty()
        st.session_state[FOUND] = (wanted, found)
    if st.session_state.get(FOUND, (None,))[0] == wanted:
        _show(st.session_state[FOUND][1], scenario)
    else:
        runs = len(photos) * len(scenario.networks)
        st.info(f"Press **Attack them all** for {runs} attacks on networks.", icon=":material/bolt:")
    st.code(_command(scenario), language=None)


def _check(view: View) -> tuple[View, list[str]]:
    """A link's photos as far as they come with the app."""
    known = tuple(name for name in view.photos if name in images.BUNDLED)
    missing = len(view.photos) - len(known)
    return view.replace(photos=known), [f"{missing} photos of the link are not here."] * bool(missing)


def _draw_level() -> None:
    """The strengths that the problem knows, by what they are; 0 stands for the usual one."""
    networks = CONTROLS["networks"]
    usual = (problem_of(networks[-1]) if networks else SUPER_RESOLUTION).scenario()
    assert isinstance(usual, PhotoScenario)
    eps = usual.problem.eps
    most = usual.limits(eps)[1]
    CONTROLS.draw(
        "level",
        width=320,
        values=[level for level in View.controls()["level"].values if level <= most],
        said=lambda level: names.strength(usual.replace(**{eps: level})) if level
        else f"{names.strength(usual)}, the usual",
    )  # fmt: skip


def _scenario(photos: Sequence[Photo]) -> PhotoScenario:
    """What happens to each photo.

    Raises:
        UserError: without networks or photos, with too many, or if they do not go together.
    """
    networks = CONTROLS["networks"]
    if not networks or not photos:
        raise UserError("Choose at least one network and one photo.")
    named = [photo.name for photo in photos]
    if len(photos) > MOST or len(set(named)) < len(named):
        raise UserError(f"Choose at most {MOST} photos, each of another name; the command takes more.")
    problem, level = problem_of(networks[-1]), float(CONTROLS["level"])
    *others, smoothed = networks
    strength = {problem.eps: level} if level else {}
    found = problem.scenario_at(
        checkpoint=smoothed, compare=tuple(others), attack=CONTROLS["attack"], **strength
    )
    assert isinstance(found, PhotoScenario)
    return found


def _show(found: Comparison, scenario: PhotoScenario) -> None:
    """Means, the sheet, and figures by file."""
    table = summary(found.rows)
    means = table.pivot(index="estimator", columns="input", values="psnr").loc[table["estimator"].unique()]
    means.columns = [f"PSNR dB, {name}" for name in means.columns]
    st.table(means.map("{:.2f}".format).rename_axis("Estimator"), border="horizontal")
    strength = scenario.problem.space.grey_levels(scenario.eps_level)
    st.caption(
        f"Means over {len(found.pictures)} photos; ε is {strength:.2g} grey levels. "
        f"Attack: {scenario.attack_said}. Noise: Gaussian, of the same ε."
    )
    notices.show(noticed(found.rows, "estimator"))
    sheet = render.png(render.contact_sheet([*found.pictures.values()]))
    st.image(sheet, caption="Attacked pictures; below each its PSNR.")
    with st.container(horizontal=True):
        csv = found.rows.to_csv(index=False).encode()
        st.download_button("Figures by file (CSV)", csv, "figures.csv", icon=":material/table:")
        st.download_button("Contact sheet (PNG)", sheet, "sheet.png", icon=":material/image:")
    with st.expander("Figures by file", icon=":material/table:"):
        st.dataframe(pd.DataFrame(found.rows).drop(columns="notice"), hide_index=True)


def _command(scenario: PhotoScenario) -> str:
    words = ["python", "-m", "core", "compare", "--data", "DIR"]
    words += [word for name in (*scenario.compare, scenario.checkpoint) for word in ("--network", name)]
    words += ["--eps", f"{scenario.eps_level:g}", "--attack", scenario.attack, "--out", "OUT"]
    return shlex.join(words)


with refusals.said():
    page()
