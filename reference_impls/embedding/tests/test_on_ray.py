"""Workers of Ray on this machine give the vectors of one process, or say why not."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from ...project_base.errors import UserError
from ..base import Vectors
from ..load import load_embedder
from ..on_ray import RayEmbedder
from ..sentence import SentenceEmbedder
from ..settings import Settings

SENTENCE = "a watch shows the time of day and rings when the battery of the bridge is low or the tag has left the room"
WORDS = SENTENCE.split()
TEXTS = [f"{number}: " + " ".join(WORDS[: 1 + number * 7 % len(WORDS)]) for number in range(90)]


@pytest.fixture(scope="module")
def local() -> SentenceEmbedder:
    return SentenceEmbedder(Settings(device="cpu", batch_size=4))


@pytest.fixture
def ray() -> None:
    pytest.importorskip("ray.data", reason="tests of many processes need: pip install 'ray[data]'")


@pytest.mark.usefixtures("ray")
def test_two_workers_give_the_vectors_of_one_process_in_the_same_order(local: SentenceEmbedder, tmp_path: Path) -> None:
    settings = Settings(device="cpu", batch_size=4, workers=2, cache_folder=str(tmp_path))
    embedder = load_embedder(settings)
    assert isinstance(embedder, RayEmbedder)
    heard: list[int] = []
    found = embedder.encode_passages(TEXTS, heard.append)
    expected = local.encode_passages(TEXTS)
    assert found.dtype == np.float32
    assert found.shape == expected.shape
    assert (found * expected).sum(axis=1).min() >= 1 - 1e-6
    assert sum(heard) == len(TEXTS)
    assert len(heard) > 1
    assert embedder.id == local.id
    np.testing.assert_array_equal(embedder.encode_queries(TEXTS[:2]), local.encode_queries(TEXTS[:2]))


@pytest.mark.usefixtures("ray")
def test_a_cluster_out_of_reach_is_named(local: SentenceEmbedder) -> None:
    embedder = RayEmbedder(local, Settings(batch_size=4, workers=1, ray_address="not an address"))
    with pytest.raises(UserError, match="Ray cluster not an address cannot be used"):
        embedder.encode_passages(TEXTS)


def test_few_texts_are_embedded_where_they_are() -> None:
    class Recorder:
        id = "recorder"

        def encode_queries(self, texts: Sequence[str]) -> Vectors:
            raise AssertionError(texts)

        def encode_passages(self, texts: Sequence[str], advance: object = None) -> Vectors:
            return np.ones((len(texts), 2), dtype=np.float32)

    nowhere = Settings(batch_size=4, workers=2, ray_address="not an address")
    assert RayEmbedder(Recorder(), nowhere).encode_passages(TEXTS[:32]).shape == (32, 2)
