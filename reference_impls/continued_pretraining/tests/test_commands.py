"""From command to command: what a user sees, and what stands afterwards."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ...project_base.rooms import PACKAGE_NAME
from ...registry.registry import Registry
from .projects import run, write_texts

TOLD = ["--despite", "too_few_tokens"]


def copied(read_on: Path, folder: Path) -> Path:
    """The project in which a model has read on, to change something in."""
    shutil.copytree(read_on, folder, dirs_exist_ok=True)
    return folder


def test_check_counts_and_advises_against_it(tmp_path: Path, encoder: Path) -> None:
    done = run(tmp_path, "check", embedding__model=str(encoder))
    assert done.exit_code == 1
    assert "blocking: the evidence advises against it" in done.stdout
    assert "--despite too_few_tokens" in done.stderr
    as_json = run(tmp_path, "check", "--format", "json", embedding__model=str(encoder))
    told = json.loads(as_json.stdout)
    assert told["schema"] == "pretraining-check/1"
    assert told["domain"]["documents"] == 60
    lowered = run(tmp_path, "check", embedding__model=str(encoder), continued_pretraining__least_tokens=1000)
    assert lowered.exit_code == 0
    assert "was lowered to 1,000" in lowered.stdout


def test_training_waits_to_be_told(tmp_path: Path, encoder: Path) -> None:
    done = run(tmp_path, "train", embedding__model=str(encoder))
    assert done.exit_code == 1
    assert "retrieval" in done.stderr
    assert not (tmp_path / "models").exists()


def test_what_was_made_of_the_same_is_not_trained_again(read_on: Path, encoder: Path, tmp_path: Path) -> None:
    folder = copied(read_on, tmp_path)
    # What a run leaves that was killed when it had added its version; the paths of the copy decide nothing.
    left = folder / "runs" / "training" / "whole"
    left.mkdir(parents=True)
    (left / "training.jsonl").write_text("", encoding="utf-8")
    done = run(folder, "train", *TOLD, embedding__model=str(encoder))
    assert done.exit_code == 0, done.output
    assert done.stdout.strip() == Registry(folder / "models").versions()[0].id
    assert "same text, model, settings and code" in done.stderr
    assert len(Registry(folder / "models").versions()) == 1
    standing = run(folder, "status", "--format", "json", embedding__model=str(encoder))
    assert json.loads(standing.stdout)["unfinished"] == []


def test_the_judged_version_goes_into_service_and_the_card_says_what_happened(
    read_on: Path, encoder: Path, tmp_path: Path
) -> None:
    folder = copied(read_on, tmp_path)
    card = (folder / "runs" / "evaluation" / "0001-pretrained_encoder.md").read_text(encoding="utf-8")
    for told in (
        "too_few_tokens",
        "guessing layer was still gaining",
        "pseudo-perplexity",
        "embedding.model",
        "general",
    ):
        assert told in card, told
    refused = run(folder, "promote", "1", embedding__model=str(encoder), continued_pretraining__most_forgetting=0.0)
    allowed = run(folder, "promote", "1", embedding__model=str(encoder), continued_pretraining__most_forgetting=10.0)
    assert refused.exit_code in (0, 1)
    assert allowed.exit_code == 0, allowed.output
    standing = run(folder, "status", "--format", "json", embedding__model=str(encoder))
    told_status = json.loads(standing.stdout)
    assert told_status["versions"][0]["in_service"]
    assert "domain: gained" in told_status["versions"][0]["judged"]
    assert told_status["unfinished"] == []


def test_a_second_version_is_judged_beside_the_one_in_service(read_on: Path, encoder: Path, tmp_path: Path) -> None:
    folder = copied(read_on, tmp_path)
    assert run(folder, "promote", "1", "--force", embedding__model=str(encoder)).exit_code == 0
    # It hides other tokens in training: both are judged by those of the candidate.
    less = {
        "continued_pretraining__passes": 1.0,
        "continued_pretraining__learning_rate": 0.0001,
        "continued_pretraining__mask_share": 0.3,
    }
    done = run(folder, "train", *TOLD, embedding__model=str(encoder), **less)
    assert done.exit_code == 0, done.output
    judged = run(folder, "evaluate", "--format", "json", embedding__model=str(encoder), **less)
    assert judged.exit_code == 0, judged.output
    against = json.loads(judged.stdout)["against"]
    assert against["version"] == "0001-pretrained_encoder"
    assert against["interval"][0] > 1
    refused = run(folder, "promote", "2", embedding__model=str(encoder), **less)
    assert refused.exit_code == 1
    assert "0001-pretrained_encoder" in refused.stderr or "gained nothing" in refused.stderr


def test_documents_that_were_trained_on_never_judge(read_on: Path, encoder: Path, tmp_path: Path) -> None:
    folder = copied(read_on, tmp_path)
    # Another seed makes another split, in which most held-out documents were trained on.
    done = run(folder, "evaluate", "1", embedding__model=str(encoder), labelled_data__seed=5)
    assert ("were left out" in done.output) or ("are left to judge" in done.output.replace("\n", " "))


def test_a_corpus_that_repeats_one_text_is_refused(tmp_path: Path, encoder: Path) -> None:
    same = str(write_texts(tmp_path / "same", ["One and the same report on one engine."] * 50))
    done = run(tmp_path, "train", *TOLD, embedding__model=str(encoder), corpus__folder=same)
    assert done.exit_code == 1
    assert "too few documents" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["evaluate"], "no version stands"),
        (["evaluate", "7"], "there is no version 7"),
        (["evaluate", "--out", "nowhere/found.json"], "does not exist"),
    ],
)
def test_what_is_not_there_is_told(tmp_path: Path, encoder: Path, arguments: list[str], says: str) -> None:
    done = run(tmp_path, *arguments, embedding__model=str(encoder))
    assert done.exit_code == 1
    assert says in done.stderr


def test_status_of_an_empty_project(tmp_path: Path, encoder: Path) -> None:
    done = run(tmp_path, "status", embedding__model=str(encoder))
    assert done.exit_code == 0
    assert "check" in done.stdout


def test_a_damaged_version_is_not_judged(read_on: Path, encoder: Path, tmp_path: Path) -> None:
    folder = copied(read_on, tmp_path)
    weights = folder / "models" / "0001-pretrained_encoder" / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 255
    weights.write_bytes(content)
    done = run(folder, "evaluate", "1", embedding__model=str(encoder))
    assert done.exit_code == 1
    assert "differs from what was written" in done.stderr


def test_help_loads_no_model_library() -> None:
    root = Path(__file__).parents[3]
    code = (
        f"import sys; import {PACKAGE_NAME}.continued_pretraining.commands; "
        "print([name for name in ('torch', 'transformers', 'numpy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout.strip() == "[]"
