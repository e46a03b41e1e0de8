"""Add a network of one's own: a safetensors file in the browser, or a program on the server."""

from __future__ import annotations

import streamlit as st

from core.base.errors import UserError
from core.zoo import programs, uploads
from pages.widgets.page.numbers import plain

_UPLOADER = "add_network.uploader"
_PROBLEM = "add_network.problem"
_ADDED = "add_network.added"
_MINE = "add_network.mine"

_FILE = f"""
**A super-resolution U-Net** as `python -m core train` writes it (`.safetensors`, at most
{uploads.MAX_BYTES // 2**20} MiB). The server keeps it until it stops, for everybody who uses it. It is
called as it says inside, then `-own-` and eight digits of its digest: two people's networks never share a
name, and a link always means the same weights.

**Or what `spandrel` recognises** (RCAN, SwinIR, SPAN and some forty more), as `.safetensors` without more; it
stands in the problem of the small picture. Scale and sizes are read from the weights.
"""
_PROGRAM = """
**Any other architecture**: a `torch.export` program (`.pt2`). Opening one may run code, so it is never taken
from the browser: whoever starts the server names a folder of trusted ones, `LAB_PROGRAMS=DIR`.

Input: standardised measurement, float32 `(b, 3, 160, 160)`, `b` dynamic. Output: standardised picture of the
same shape, differentiable, each as it would be alone. The file's name says what it is:
`sr-x2-std-own-mine.pt2`, or `sr-x2-rs-0.15-own-mine.pt2` if trained with noise σ_f = 0.15.
"""
_EXPORT = """\
from torch.export import Dim, export, save
example = (torch.zeros(2, 3, 160, 160),)
program = export(network.eval(), example, dynamic_shapes=({0: Dim.DYNAMIC},))
save(program, "sr-x2-std-own-mine.pt2")"""


def show() -> str:
    """Draw the button with everything behind it; returns the name of a network added just now, or ""."""
    with st.popover("Add your own", icon=":material/add:", width="stretch", key="add_network"):
        st.markdown(_FILE)
        st.file_uploader(
            "Network", type=["safetensors"], key=_UPLOADER, on_change=_take, label_visibility="collapsed",
            max_upload_size=uploads.MAX_BYTES // 2**20,
        )  # fmt: skip
        if problem := st.session_state.get(_PROBLEM):
            st.error(plain(problem), icon=":material/error:")
        elif _mine() and st.session_state[_UPLOADER]:
            st.success(f"Added as {_mine()[-1]}.", icon=":material/check:")
        st.markdown(_PROGRAM)
        st.code(_EXPORT, language=None)
        folder = programs.folder()
        st.caption(
            "This server names no such folder." if folder is None else "This server names such a folder."
        )
    added: str = st.session_state.pop(_ADDED, "")
    return added


def is_mine(name: str) -> bool:
    """Whether this session added the network."""
    return name in _mine()


def remove(name: str) -> None:
    """Take back a network that this session added."""
    if is_mine(name):
        _mine().remove(name)
        uploads.remove(name)


def _mine() -> list[str]:
    mine: list[str] = st.session_state.setdefault(_MINE, [])
    return mine


def _take() -> None:
    """A bad file changes nothing and says one sentence."""
    st.session_state[_PROBLEM] = ""
    file = st.session_state[_UPLOADER]
    if file is None:
        return
    try:
        name = uploads.add(file.getvalue(), file.name).name
    except UserError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    if not is_mine(name):
        _mine().append(name)
    st.session_state[_ADDED] = name
