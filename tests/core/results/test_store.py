from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pandas as pd
import pytest

from core.base.errors import UserError
from core.base.options import key_of
from core.results.store import Store


def rows(*keys: str, value: float = 0.0) -> pd.DataFrame:
    return pd.DataFrame({"key": list(keys), "number": [int(k, 16) for k in keys], "value": value})


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store("numbers", tmp_path)


def test_parts_are_merged_in_order_without_repeats(store: Store) -> None:
    store.put("second", rows("03", "01"))
    store.put("first", rows("02", "03", value=9.0))
    assert store.keys() == {"01", "02", "03"}
    store.merge(["number"])
    assert store.read()["number"].tolist() == [1, 2, 3]
    assert store.keys() == {"01", "02", "03"}
    assert not list(store.root.glob(".parts/numbers/*.parquet"))


def test_what_is_merged_stays_when_more_comes(store: Store) -> None:
    store.put("a", rows("01", value=1.0))
    store.merge(["number"])
    store.put("b", rows("01", "02", value=2.0))
    store.merge(["number"])
    assert store.read()["value"].tolist() == [1.0, 2.0]


def test_a_part_is_held_before_and_after_merging(store: Store) -> None:
    assert not store.holds("a", ["01"])
    store.put("a", rows("01"))
    assert store.holds("a", ["01"])
    store.merge(["number"])
    assert store.holds("a", ["01"])
    assert not store.holds("a", ["01", "02"])


def test_outdated_rows_are_dropped(store: Store) -> None:
    store.put("a", rows("01", "02", "03"))
    store.merge(["number"])
    store.merge(["number"], outdated=lambda frame: frame["number"] == 2)
    assert store.keys() == {"01", "03"}


def test_a_claim_excludes_others_until_it_ends(store: Store) -> None:
    with store.claim("a") as mine:
        assert mine
        with Store("numbers", store.root).claim("a") as theirs:
            assert not theirs
        with store.claim("b") as other:
            assert other
    with store.claim("a") as again:
        assert again


def test_rows_without_keys_of_their_own_are_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="key of its own"):
        store.put("a", rows("01", "01"))
    with pytest.raises(ValueError, match="key of its own"):
        store.put("a", pd.DataFrame({"value": [1.0]}))


def test_reading_some_columns_and_rows(store: Store) -> None:
    store.put("a", rows("01", "02", "03"))
    store.merge(["number"])
    found = store.read(["key"], [("number", ">=", 2)])
    assert found.to_dict("list") == {"key": ["02", "03"]}
    assert Store("nothing", store.root).read().empty


def test_a_damaged_file_gets_one_sentence(store: Store) -> None:
    store.path.write_bytes(b"not parquet")
    with pytest.raises(UserError, match="is damaged"):
        store.read()


def test_a_folder_that_cannot_be_written_gets_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = Store("numbers", tmp_path / "file")
    with pytest.raises(UserError, match="could not be"):
        store.put("a", rows("01"))
    with pytest.raises(UserError, match="could not be"):
        store.merge(["number"])


def test_keys_tell_settings_apart_and_not_their_order() -> None:
    assert key_of({"a": 1, "b": 0.1}) == key_of({"b": 0.1, "a": 1})
    assert key_of({"a": 1, "b": 0.1}) != key_of({"a": 1, "b": 0.2})


def test_parts_of_others_come_last_and_each_comes_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store("table", tmp_path)
    with ExitStack() as other:
        assert other.enter_context(Store("table", tmp_path).claim("b"))
        # The other process lets go when this one has nothing else to do.
        monkeypatch.setattr("core.results.store.time.sleep", lambda seconds: other.close())
        assert list(store.turns(["a", "b", "c"])) == ["a", "c", "b"]
    with store.claim("b") as free:
        assert free
