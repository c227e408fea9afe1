import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from ...labelled_data.base import Advance, Classifier
from ...registry.model_folder import open_model, write_model
from ..frozen import FrozenEncoder
from ..kinds import LOADERS, fits
from ..source import find_source
from ..vectors import Remembered, TextVectors, Vectors
from ..views import open_views
from .tiny import context, messages, payments, run

PACKAGE = (__package__ or "").split(".")[0]
ROOT = Path(__file__).parents[3]


class Counting:
    """Counts what it is asked for."""

    id = "counting"
    most_tokens = 8
    precision = "float32"
    parameters = 0

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str], advance: Advance) -> Vectors:
        self.asked += texts
        advance(len(texts))
        return np.array([[len(text), hash(text) % 97] for text in texts], dtype=np.float32)

    def cut(self, texts: Sequence[str]) -> dict[str, float]:
        return {"cut_texts": 0.0, "cut_tokens": 0.0}


def test_no_text_is_embedded_twice() -> None:
    source = Counting()
    made = Remembered(source, TextVectors())
    heard: list[int] = []
    first = made.encode(["a", "bb", "a"], heard.append)
    second = made.encode(["bb", "ccc"], heard.append)
    assert source.asked == ["a", "bb", "ccc"]
    assert sum(heard) == 5
    np.testing.assert_array_equal(first[0], first[2])
    np.testing.assert_array_equal(first[1], second[0])


def test_memory_has_an_end() -> None:
    source = Counting()
    made = Remembered(source, TextVectors(most_bytes=16))
    for _ in range(2):
        found = made.encode(["a", "bb"], int)
        found = made.encode(["ccc", "a"], int)
    assert found[:, 0].tolist() == [3, 1]
    assert source.asked == ["a", "bb", "ccc", "ccc"]


def test_a_ladder_embeds_once(encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    encode = FrozenEncoder.encode

    def counted(self: FrozenEncoder, texts: Sequence[str], advance: Advance) -> Vectors:
        asked.extend(texts)
        return encode(self, texts, advance)

    monkeypatch.setattr(FrozenEncoder, "encode", counted)
    given = context(encoder, training={"epochs": 1.0})
    train, validation = messages(60), messages(30, seed=1)
    for rung in ("head", "lora", "full"):
        fits("classification", given)[rung](train, validation, run(tmp_path / rung))
    assert len(asked) == len(set(asked)) == len({example.text for example in [*train, *validation]})


def test_views_stand_side_by_side(encoder: Path) -> None:
    given = context(encoder)
    source = find_source(given.embedding)
    texts = [example.text for example in messages(20)]
    parts = ("mean", "max", "cls", "mean@half", "mean@first")
    together = open_views(given, source, parts).encode(texts, int)
    assert together.shape == (20, 5 * 32)
    for place, part in enumerate(parts):
        alone = open_views(given, source, (part,)).encode(texts, int)
        np.testing.assert_allclose(together[:, place * 32 : place * 32 + 32], alone, atol=1e-6)
        np.testing.assert_allclose(np.linalg.norm(alone, axis=1), 1, atol=1e-5)
    # Neighbours in a batch, and the padding that they bring, change nothing.
    one_by_one = np.concatenate([open_views(given, source, parts).encode([text], int) for text in texts[:3]])
    np.testing.assert_allclose(together[:3], one_by_one, atol=1e-5)


def test_the_mean_is_the_sentence_vector_of_the_embedding_room(encoder: Path, tmp_path: Path) -> None:
    given = context(encoder, tmp_path / "cache")
    source = find_source(given.embedding)
    texts = [example.text for example in messages(10)]
    sentence = open_views(given, source, ("sentence",))
    np.testing.assert_allclose(
        sentence.encode(texts, int), open_views(given, source, ("mean",)).encode(texts, int), atol=1e-5
    )
    assert sentence.cut(["card " * 100]) == {"cut_texts": 1.0, "cut_tokens": 54.0}


def test_a_head_on_sentence_vectors_is_kept(encoder: Path, tmp_path: Path) -> None:
    given = context(encoder, tmp_path / "cache", views="sentence", count_words=False)
    fitted = fits("classification", given)["head"](messages(60), messages(30, seed=1), run(tmp_path))
    write_model(tmp_path / "model", fitted.kind, fitted.about, fitted.write)
    model = LOADERS["head"](open_model(tmp_path / "model"), context(encoder, tmp_path / "cache"))
    texts = [example.text for example in messages(10, seed=2)]
    assert isinstance(model, Classifier)
    assert isinstance(fitted.model, Classifier)
    np.testing.assert_array_equal(model.probabilities(texts), fitted.model.probabilities(texts))


def test_word_counts_load_without_torch(encoder: Path, tmp_path: Path) -> None:
    for task, examples in (("classification", messages(30)), ("extraction", payments(30))):
        fitted = fits(task, context(encoder))["word_counts"](examples, [], run(tmp_path))  # type: ignore[arg-type]
        write_model(tmp_path / task, fitted.kind, fitted.about, fitted.write)
    code = f"""
import sys
from pathlib import Path
from {PACKAGE}.encoders.base import Context
from {PACKAGE}.encoders.kinds import LOADERS
from {PACKAGE}.registry.model_folder import open_model
for task in ("classification", "extraction"):
    opened = open_model(Path(sys.argv[1]) / task)
    model = LOADERS[opened.kind](opened, Context())
print(model.spans(["anna paid 12.3 from"])[0])
assert not {{"torch", "sklearn", "transformers", "scipy"}} & set(sys.modules), sorted(sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "person" in done.stdout
