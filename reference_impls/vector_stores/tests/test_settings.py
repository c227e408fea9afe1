from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from ...project_base.errors import UserError
from ..exact import ExactStore
from ..faiss_index import kind_for
from ..settings import Settings


@pytest.mark.parametrize(("store", "index"), [("exact", "hnsw"), ("pgvector", "ivf_pq")])
def test_a_store_without_that_index_is_refused_with_those_that_it_has(store: str, index: str) -> None:
    with pytest.raises(ValidationError, match=f"{store} has no index {index}; allowed are auto, flat"):
        Settings.model_validate({"store": store, "index": index})


def test_the_kind_of_index_follows_the_number_of_rows() -> None:
    settings = Settings(hnsw_from=100, ivf_pq_from=50_000)
    assert [kind_for(rows, settings) for rows in (99, 100, 49_999, 50_000)] == ["flat", "hnsw", "hnsw", "ivf_pq"]
    assert kind_for(1_000, Settings(index="ivf_pq")) == "flat", "too few to train codes on"


@pytest.mark.parametrize("wrong", [np.zeros((3, 4)), np.zeros(4, dtype=np.float32), np.zeros((4, 3), np.float32).T])
def test_a_file_of_other_numbers_than_rows_of_float32_is_refused(wrong: NDArray[Any], tmp_path: Path) -> None:
    np.save(tmp_path / "vectors.npy", wrong, allow_pickle=False)
    with pytest.raises(UserError, match="not rows of float32"):
        ExactStore.load(tmp_path, Settings())
