"""A language model that foretells: the stand-in reads on, is judged, and can be named as generators.model."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from ...generators.bases import NOTICE, base_at
from ...generators.kinds import save_whole
from ...generators.loading import load_chat, load_weights
from ...generators.settings import Settings as GeneratorSettings
from ...generators.writer import CausalWriter
from ...registry.registry import Registry
from ..opening import new_model
from ..sample_text import documents
from .projects import run, settings

CAUSAL = {"continued_pretraining__objective": "causal", "continued_pretraining__learning_rate": 0.0}


@pytest.fixture(scope="module")
def foretelling(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("causal")
    done = run(folder, "train", "--despite", "too_few_tokens", **CAUSAL)
    assert done.exit_code == 0, done.output
    assert NOTICE in done.stderr
    return folder


def test_the_loss_is_that_of_the_library(tmp_path: Path) -> None:
    given = settings(tmp_path, **CAUSAL)
    model = new_model(given, [])
    tokens = model.tokens(documents(3))
    found = model.losses([tokens[0][: model.window - 1]])
    row = torch.tensor([[model.specials.before, *tokens[0][: model.window - 1].tolist()]])
    with torch.inference_mode():
        loss = model.network(input_ids=row, labels=row).loss
    assert found.mean == pytest.approx(float(loss), rel=1e-5)
    long = np.concatenate(tokens)
    assert model.losses([long]).counts.tolist() == [len(long)]


def test_the_stand_in_is_judged_and_says_that_it_is_one(foretelling: Path) -> None:
    done = run(foretelling, "evaluate", "--format", "json", **CAUSAL)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["objective"] == "causal"
    assert told["domain"]["ratio"] < 1
    assert told["domain"]["before"] > told["domain"]["after"] > 1
    assert told["paraphrases"] is None
    assert told["notice"] == NOTICE
    assert NOTICE in (foretelling / "runs" / "evaluation" / f"{told['version']}.md").read_text(encoding="utf-8")


def test_the_version_is_a_model_to_tune(foretelling: Path, tmp_path: Path) -> None:
    folder = Registry(foretelling / "models").versions()[0].path
    base = base_at(str(folder))
    given = GeneratorSettings(model=str(folder), device="cpu")
    writer = CausalWriter(
        load_weights(base.place, base.name, "auto", "cpu"), load_chat(base.place, given, base.name), given
    )
    losses, counts = writer.token_losses([])
    assert len(losses) == len(counts) == 0
    save_whole(writer, tmp_path)
    assert (tmp_path / "model.safetensors").is_file()
    started = new_model(settings(tmp_path, **CAUSAL, generators__model=str(folder)), [])
    assert math.isfinite(started.losses(started.tokens(documents(2))).mean)
