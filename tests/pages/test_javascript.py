from __future__ import annotations

from pathlib import Path

import pytest

from pages.widgets.page import javascript

WIDGETS = Path(javascript.__file__).parents[1]
MODULES = [path for path in WIDGETS.glob("*/*.js") if path.parent.name != "node_modules"]


def written(folder: Path, **modules: str) -> Path:
    """The module ``entry`` of these texts, written into a folder."""
    for name, text in modules.items():
        (folder / f"{name}.js").write_text(text, encoding="utf-8")
    return folder / "entry.js"


def test_a_module_stands_once_behind_all_that_it_imports(tmp_path: Path) -> None:
    entry = written(
        tmp_path,
        entry='import { two } from "./two.js";\nimport {\n  one,\n} from "./one.js";\n\nexport default 1;\n',
        two='import { one } from "./one.js";\nexport const two = (n) => (one + one) * n;\n',
        one='export const one = 1; // export of "./one.js"\n',
    )
    assert javascript.bundle(entry) == (
        'const one = 1; // export of "./one.js"\n\n'
        "const two = (n) => (one + one) * n;\n\n\n"
        "export default 1;\n"
    )


@pytest.mark.parametrize(
    ("modules", "sentence"),
    [
        ({"entry": 'import { b } from "./b.js";\n', "b": 'import { a } from "./entry.js";\n'}, "itself"),
        ({"entry": 'import { b } from "./b.js";\nconst c = 1;\n', "b": "class c {}\n"}, "both declare c"),
        ({"entry": 'import { b as c } from "./b.js";\n', "b": ""}, "cannot be joined: import { b as c }"),
        ({"entry": 'import b from "./b.js";\n', "b": ""}, "cannot be joined: import b"),
        ({"entry": 'import { b } from "./b.js"\n', "b": ""}, "cannot be joined"),
        ({"entry": "export { b };\n"}, "cannot be joined: export { b };"),
    ],
)
def test_what_cannot_be_joined_is_refused(tmp_path: Path, modules: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        javascript.bundle(written(tmp_path, **modules))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_module_of_ours_can_be_joined(module: Path) -> None:
    exports = javascript.bundle(module).count("\nexport ") + javascript.bundle(module).startswith("export ")
    assert exports == (
        module.name
        in {
            "streamlit.js",
            "leave.js",
            "chart_code.js",
            "digit_pad.js",
            "photo_strip.js",
            "asks.js",
            "add_to_talk.js",
        }
    )
