"""The tuned retriever on a tiny encoder: loss, training, the folder that is kept, and an index of another embedder."""

import json
import math
import shutil
from pathlib import Path
from typing import cast

import pytest
import torch

from ...embedding.load import load_embedder
from ...encoders.tests.tiny import TOPICS, save_encoder
from ...project_base.errors import UserError
from ...registry.registry import Registry
from ..base import Work
from ..evaluation import TwoByTwo
from ..settings import ProjectSettings
from ..tuned_retriever.embedders import encoder_of, recorded_base
from ..tuned_retriever.network import SCALE, contrastive_loss
from ..tuned_retriever.pattern import check, evaluate, open_answers, train
from .projects import config, run, settings


def model_of(questions: torch.Tensor, passages: torch.Tensor) -> object:
    return lambda *_: (questions, passages)


def batch_of(documents: list[list[int]], gold: list[list[int]]) -> dict[str, torch.Tensor]:
    nothing = torch.zeros(1)
    names = ("question_ids", "question_mask", "passage_ids", "passage_mask")
    return dict.fromkeys(names, nothing) | {"documents": torch.tensor(documents), "gold": torch.tensor(gold)}


def test_the_loss_is_that_of_the_right_passage_among_all() -> None:
    questions, passages = torch.eye(2), torch.eye(2).reshape(2, 1, 2)
    loss, count = contrastive_loss(model_of(questions, passages), batch_of([[0], [1]], [[0], [1]]))
    assert count == 2
    assert float(loss) == pytest.approx(2 * math.log(1 + math.exp(-SCALE)), abs=1e-6)


def test_passages_of_documents_that_answer_too_count_as_nothing() -> None:
    questions = torch.eye(2)
    passages = torch.tensor([[[1.0, 0.0], [1.0, 0.0]], [[0.0, 1.0], [0.0, 1.0]]])
    # The second passage of each row is of the document that answers: without the mask the loss would be log 2 each.
    loss, _ = contrastive_loss(model_of(questions, passages), batch_of([[0, 0], [1, 1]], [[0, -1], [1, 0]]))
    assert float(loss) < 1e-6


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Documents of three topics, and questions whose words are others than theirs."""
    folder = tmp_path_factory.mktemp("retriever")
    save_encoder(folder / "encoder")
    docs = folder / "docs"
    docs.mkdir()
    asked = []
    for number in range(24):
        topic = sorted(TOPICS)[number % 3]
        first, second = TOPICS[topic][number % 5], TOPICS[topic][(number // 5 + 1 + number) % 5]
        filler = ("the", "my", "please", "help", "about", "need", "what", "with")[number // 3]
        (docs / f"d{number:02}.md").write_text(f"# d{number}\n\n{first} {second} {filler} is a {number}0 to {first}.\n")
        asked += [
            {"id": f"{number}{mark}", "question": f"{word} {filler} {second} {mark}?", "doc": f"d{number:02}.md"}
            for mark, word in (("x", "what"), ("y", "help"))
        ]
    (folder / "pairs.jsonl").write_text("".join(json.dumps(each) + "\n" for each in asked))
    return folder


def changes(folder: Path, **more: object) -> dict[str, object]:
    return {
        "project_base__threads": 1,
        "embedding__model": str(folder / "encoder"),
        "embedding__device": "cpu",
        "embedding__backend": "torch",
        "encoders__most_tokens": 32,
        "encoders__lora_rank": 4,
        "training__epochs": 2.0,
        "training__learning_rate": 0.01,
        "training__precision": "float32",
        "labelled_data__test_share": 0.3,
        "labelled_data__near_duplicate": 1.0,
        "corpus__folder": str(folder / "docs"),
        "rag__refuse_below": 0.0,
        "hybrid__pattern": "tuned_retriever",
        "hybrid__pairs": str(folder / "pairs.jsonl"),
        "hybrid__hard_negatives": 1,
    } | more


@pytest.fixture(scope="module")
def trained(folder: Path) -> ProjectSettings:
    """Trained once, on an index of its own beside the results."""
    given = settings(folder, **changes(folder))
    told = train(given, Work())
    assert told.measured["last_loss"] < told.measured["first_loss"]
    return given


def test_a_tuned_embedder_is_kept_as_a_folder_that_embedding_model_names(trained: ProjectSettings) -> None:
    (version,) = Registry(Path(trained.registry.folder)).versions()
    place = encoder_of(version.path)
    tuned = load_embedder(trained.embedding.model_copy(update={"model": place}))
    base = load_embedder(trained.embedding)
    assert tuned.id != base.id
    one, other = tuned.encode_queries(["my card is lost"]), base.encode_queries(["my card is lost"])
    assert one.shape == other.shape
    assert abs(one - other).max() > 1e-3
    assert not list(version.path.rglob("*.bin"))
    found = recorded_base(place)
    assert found is not None
    assert found.name == trained.embedding.model


def test_the_same_pairs_are_not_trained_on_twice(trained: ProjectSettings) -> None:
    said: list[str] = []
    assert train(trained, Work(tell=said.append)).version.startswith("0001")
    assert any("was made of the same pairs" in line for line in said)


def test_tuned_and_untuned_are_judged_on_unseen_documents(trained: ProjectSettings) -> None:
    found: TwoByTwo = evaluate(trained, Work())
    assert found.cell("tuned").score is None
    assert found.cell("base_retrieval").score is not None
    (version,) = Registry(Path(trained.registry.folder)).versions()
    groups = {each.group for each in found.outcomes}
    assert groups <= set(cast("list[str]", version.about["unseen"]))
    rows = {(row[0], row[1]) for row in found.tables[0].rows}
    assert rows == {("fused", "nDCG@10"), ("fused", "hit@1"), ("dense", "nDCG@10"), ("dense", "hit@1")}


def test_other_questions_than_those_of_the_training_are_not_judged_by(trained: ProjectSettings) -> None:
    file = Path(trained.hybrid.pairs)
    fewer = file.with_name("fewer.jsonl")
    fewer.write_text("\n".join(file.read_text().splitlines()[:40]) + "\n")
    hybrid = trained.hybrid.model_copy(update={"pairs": str(fewer)})
    with pytest.raises(UserError, match="made of other questions"):
        evaluate(trained.model_copy(update={"hybrid": hybrid}), Work())


def test_a_named_version_answers_from_an_index_of_its_own(trained: ProjectSettings) -> None:
    reply = open_answers(trained, Work(version="1")).ask("what card is lost?")
    assert reply.version.startswith("0001")
    assert reply.sources


def test_in_service_project_and_index_must_be_of_the_tuned_embedder(
    trained: ProjectSettings, folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(trained.registry.folder, tmp_path / "models")
    named = {"registry__folder": str(tmp_path / "models"), "retrieval__index_folder": str(tmp_path / "index")}
    file = config(tmp_path, **changes(folder, **named))
    assert "in service yet" in run(file, "ask", "what card?").stderr
    promoted = run(file, "promote", "1", "--force", "--why", "test")
    assert promoted.exit_code == 0, promoted.output
    said = run(file, "ask", "what card?")
    assert said.exit_code == 1
    assert "must be embedded by one model" in said.stderr
    assert "set embedding.model" in said.stderr
    assert run(file, "index").exit_code == 0
    version = next((tmp_path / "models").glob("0001-*"))
    file = config(tmp_path, **changes(folder, **named, embedding__model=encoder_of(version)))
    said = run(file, "ask", "what card?")
    assert said.exit_code == 1
    assert "was built with the embedder" in said.stderr
    assert run(file, "index").exit_code == 0
    assert run(file, "ask", "what card?").exit_code == 0


def test_a_base_that_is_gone_is_told(trained: ProjectSettings, folder: Path, tmp_path: Path) -> None:
    (version,) = Registry(Path(trained.registry.folder)).versions()
    assert version.about["base"]
    other = save_encoder(tmp_path / "other", seed=8)
    embedding = trained.embedding.model_copy(update={"model": str(other)})
    moved = folder / "encoder-moved"
    (folder / "encoder").rename(moved)
    try:
        with pytest.raises(UserError, match="trained on the encoder"):
            evaluate(trained.model_copy(update={"embedding": embedding}), Work())
    finally:
        moved.rename(folder / "encoder")


def test_check_says_how_few_questions_there_are(trained: ProjectSettings) -> None:
    told = [finding.says for finding in check(trained)]
    assert any("no document stands on two sides" in says for says in told)
    assert any("are few" in says for says in told)
