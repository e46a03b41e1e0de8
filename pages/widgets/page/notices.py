"""What figures of an attack must be shown with: that its gradient could not be used, and what was done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import streamlit as st

from pages.widgets.page.names import Name
from pages.widgets.page.numbers import plain


def sentences(notices: Mapping[str, str], called: Mapping[str, Name]) -> list[str]:
    """An outcome's notices as whole sentences.

    Args:
        notices: by the estimator whose attack each is about.
        called: names of some of the estimators.
    """
    return [
        f"{called[who].full if who in called else who.capitalize()}: {said}" for who, said in notices.items()
    ]


def show(found: Iterable[str]) -> None:
    """Draw sentences, if there are any."""
    for sentence in found:
        st.warning(plain(sentence), icon=":material/visibility_off:")
