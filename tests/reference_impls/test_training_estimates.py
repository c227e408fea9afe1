"""What is told before a training is near what it takes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TRAINING = """
import json
import sys
from pathlib import Path

import torch
from transformers import BertConfig, BertForSequenceClassification

from reference_impls.labelled_data.rungs import Run
from reference_impls.training.loop import train
from reference_impls.training.settings import Settings

torch.manual_seed(0)
size = {"hidden_size": 128, "num_hidden_layers": 4, "num_attention_heads": 4, "intermediate_size": 512}
model = BertForSequenceClassification(BertConfig(vocab_size=200, **size))
if sys.argv[2] == "frozen":
    model.bert.embeddings.requires_grad_(False)


class Texts:
    lengths = [100] * 256

    def collate(self, positions):
        ids = torch.randint(200, (len(positions), 100))
        return {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": torch.tensor(positions) % 2}


def loss(model, batch):
    return model(**batch).loss * len(batch["labels"]), len(batch["labels"])


heard = []
settings = Settings(epochs=1.0, batch_size=64, batch_tokens=6400, device="cpu", precision=sys.argv[2 - 1])
result = train(model, Texts(), loss, None, settings, Run(Path(sys.argv[3]), tell=heard.append), key="k" * 64)
state = json.loads(next(Path(sys.argv[3]).rglob("state.json")).read_text())
print(json.dumps({"told": heard[-1], "estimates": result.estimates, **state}))
"""


@pytest.mark.parametrize(
    "arguments", [("float32", "full"), pytest.param(("bfloat16", "frozen"), marks=pytest.mark.soak)]
)
def test_time_and_memory_are_near_their_estimates(tmp_path: Path, arguments: tuple[str, str]) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", TRAINING, *arguments, str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    # Other work on the machine changes the time between the two.
    assert 0.3 < found["estimate"]["epoch_seconds"] / found["seconds"] < 3
    assert 0.6 < found["estimate"]["memory"] / found["peak_memory"] < 1.7
    assert f"in {arguments[0]}" in found["told"]
    assert "for 1 epoch" in found["told"]
    assert found["estimates"].startswith("estimated ")
