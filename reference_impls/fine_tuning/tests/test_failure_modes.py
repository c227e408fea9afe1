"""The failures that were foreseen for fine-tuning, from command to command."""

import random
import shutil
from pathlib import Path

import pytest
from click.testing import Result

from ...encoders.tests.tiny import messages, save_encoder
from ...labelled_data.base import Example
from ...labelled_data.rungs import Run
from ...registry.model_folder import open_model, write_model
from ...registry.registry import Registry
from ..held_out.forgetting import forgetting_of
from ..ladder.models import Ways, open_model_of
from ..ladder.results import read_result
from ..settings import ProjectSettings, Settings
from .projects import quick, run, write_csv

TEXT = "i lost my card please help"


def inbox(folder: Path, rows: int = 90) -> str:
    return str(write_csv(folder / "messages.csv", [(each.text, str(each.target)) for each in messages(rows, seed=4)]))


@pytest.fixture
def changes(tmp_path: Path, encoder: Path) -> dict[str, object]:
    """A project with an encoder of its own, that a test may take away."""
    own = shutil.copytree(encoder, tmp_path / "encoder")
    return quick(own, fine_tuning__examples=inbox(tmp_path), fine_tuning__refit=False)


def ask(folder: Path, changes: dict[str, object], *words: str) -> Result:
    return run(folder, "predict", "--text", TEXT, *words, **changes)


def test_twins_of_held_out_rows_teach_nothing(tmp_path: Path, encoder: Path) -> None:
    """Labels by lot, each text twice: whoever has seen the twin of a row knows its label, and nobody else does."""
    draw = random.Random(7)
    words = [f"{first}{second}{third}" for first in "bdfgklmnpr" for second in "aeiou" for third in "lmnrst"]
    rows = []
    for _ in range(60):
        text, label = " ".join(draw.choices(words, k=9)), draw.choice(("yes", "no"))
        rows += [(text, label), (f"{text}!", label)]
    draw.shuffle(rows)
    given = quick(encoder, fine_tuning__examples=str(write_csv(tmp_path / "twins.csv", rows)))
    trained = run(tmp_path, "train", "word_counts", **given)
    assert trained.exit_code == 0, trained.stderr
    judged = read_result(tmp_path / "runs" / "word_counts")
    assert judged.score < 0.65
    evaluated = run(tmp_path, "evaluate", **given)
    assert evaluated.exit_code == 0, evaluated.stderr
    refused = run(tmp_path, "promote", "1", **given)
    assert refused.exit_code == 1
    assert "it is not shown to be better than majority, which has learnt nothing" in refused.stderr


@pytest.mark.parametrize(("rate", "verdict"), [(5e-5, "kept"), (0.02, "forgotten")])
def test_an_absurd_learning_rate_is_found_out_by_what_was_forgotten(rate: float, verdict: str, tmp_path: Path) -> None:
    """With the encoder that ships, since a tiny one has nothing to forget."""
    whole = ProjectSettings(fine_tuning=Settings(examples="unused.csv"))
    settings = whole.model_copy(
        update={
            "encoders": whole.encoders.model_copy(update={"full_learning_rate": rate, "head_start": "random"}),
            "training": whole.training.model_copy(
                update={"epochs": 1.0, "batch_size": 8, "device": "cpu", "precision": "float32"}
            ),
        }
    )
    rows = [
        Example(f"I {verb} the {thing}", label, f"r.csv:{number}")
        for number, (verb, thing, label) in enumerate(
            (verb, thing, label)
            for label, verb in (("buy", "want to order"), ("return", "send back"))
            for thing in ("bridge", "tag", "probe", "mount", "cable", "battery", "case", "kit")
        )
    ]
    fitted = Ways(settings).fit("full")(rows, (), Run(tmp_path / "run", 0, 1.0))
    model = write_model(tmp_path / "model", fitted.kind, {**fitted.about, "task": "classification"}, fitted.write)
    found = forgetting_of(open_model_of(model, settings), model, settings)
    assert found.before is not None
    assert found.before > 0.7
    assert found.verdict == verdict


def test_an_encoder_that_was_exchanged_is_refused_and_a_merged_export_answers_on(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    assert run(tmp_path, "train", "lora", **changes).exit_code == 0
    exported = run(tmp_path, "export", "1", "--as", "merged", "--to", str(tmp_path / "whole"), **changes)
    assert exported.exit_code == 0, exported.stderr
    before = ask(tmp_path, changes, "--model", "1")
    assert before.exit_code == 0, before.stderr

    shutil.rmtree(tmp_path / "encoder")
    save_encoder(tmp_path / "encoder", seed=8)
    exchanged = ask(tmp_path, changes, "--model", "1")
    assert exchanged.exit_code == 1
    assert "this model was trained on the encoder" in exchanged.stderr
    assert "is another one" in exchanged.stderr

    shutil.rmtree(tmp_path / "encoder")
    gone = ask(tmp_path, changes, "--model", "1")
    assert gone.exit_code == 1
    assert "bring that encoder back" in gone.stderr
    assert "a merged export holds its encoder" in gone.stderr
    whole = ask(tmp_path, changes, "--model", str(tmp_path / "whole"))
    assert whole.exit_code == 0, whole.stderr
    assert whole.stdout.split()[0] == before.stdout.split()[0]


def test_a_damaged_version_in_service_names_the_way_back_and_it_leads_there(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    for rung in ("word_counts", "head"):
        assert run(tmp_path, "train", rung, **changes).exit_code == 0
    for version in ("1", "2"):
        assert run(tmp_path, "promote", version, "--force", **changes).exit_code == 0
    path = Registry(tmp_path / "models").find("2").path
    name = next(name for name in open_model(path).files if name.endswith(".safetensors"))
    content = bytearray((path / name).read_bytes())
    content[-1] ^= 1
    (path / name).write_bytes(content)

    refused = ask(tmp_path, changes)
    assert refused.exit_code == 1
    assert "the version in service, 0002-head, is damaged" in refused.stderr
    assert "rollback" in refused.stderr
    assert run(tmp_path, "rollback", **changes).exit_code == 0
    answered = ask(tmp_path, changes)
    assert answered.exit_code == 0, answered.stderr
    assert answered.stdout.startswith("card ")
