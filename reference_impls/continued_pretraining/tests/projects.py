"""Projects for the tests, with a config.yaml as it is generated, and an encoder so small that a test can train it."""

import json
from pathlib import Path
from typing import Any

import click
import torch
from click.testing import CliRunner, Result
from transformers import BertConfig, BertForMaskedLM, BertModel, BertTokenizer

from ...project_base.cli import RoomCommands
from ...project_base.config import load_settings
from ...project_base.tests.generated import write_config
from ...registry.commands import COMMANDS as OF_REGISTRY
from ...texts.words import words_of
from ..commands import COMMANDS
from ..sample_text import documents
from ..settings import ProjectSettings

SAMPLE = Path(__file__).parents[1] / "sample"
GENERAL = [json.loads(line)["text"] for line in (SAMPLE / "general" / "everyday.jsonl").read_text().splitlines()]


def save_tiny(folder: Path, *, head: bool = False, seed: int = 3) -> Path:
    """Writes a BERT of two layers and 48 dimensions that knows the sample's words, with a guessing layer or without."""
    words = sorted({word for text in (*documents(60), *GENERAL) for word in words_of(text)})
    letters = sorted({letter for word in words for letter in word})
    pieces = [*letters, *(f"##{letter}" for letter in letters), ".", ",", ":", ";", "'", "-", "?", "(", ")"]
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *dict.fromkeys([*words, *pieces])]
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=96,
        max_position_embeddings=72,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    model: Any = BertForMaskedLM(config) if head else BertModel(config)
    model.save_pretrained(folder)
    BertTokenizer(vocab={word: number for number, word in enumerate(vocabulary)}).save_pretrained(folder)
    modules = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    listed = [
        {"idx": number, "name": str(number), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for number, (path, kind) in enumerate(modules)
    ]
    (folder / "modules.json").write_text(json.dumps(listed))
    (folder / "1_Pooling").mkdir()
    pooling = {"word_embedding_dimension": 48, "pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 64, "do_lower_case": False}))
    return folder


def config(folder: Path, **changes: object) -> Path:
    """A config.yaml as it is generated: every key with its default; `room__key` changes one."""
    return write_config(folder, ProjectSettings.model_fields, changes)


def write_texts(folder: Path, texts: list[str], name: str = "texts.jsonl") -> Path:
    """A folder with one file of these texts."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
    return folder


def quick(folder: Path, **changes: object) -> dict[str, object]:
    """Settings of a project whose model is trained in seconds: 60 documents of the domain and 40 general ones."""
    values: dict[str, object] = {
        "corpus__folder": str(write_texts(folder / "domain", documents(60))),
        "corpus__record_text": "text",
        "continued_pretraining__general": str(write_texts(folder / "general", GENERAL[:40])),
        "continued_pretraining__block_tokens": 64,
        "continued_pretraining__learning_rate": 0.003,
        "continued_pretraining__mask_share": 0.25,
        "continued_pretraining__passes": 3.0,
        "continued_pretraining__head_passes": 2.0,
        "embedding__device": "cpu",
        "embedding__backend": "torch",
        "training__device": "cpu",
        "training__precision": "float32",
        "generators__device": "cpu",
    }
    return values | changes


def settings(folder: Path, **changes: object) -> ProjectSettings:
    """The settings of such a project, as a command reads them."""
    return load_settings(config(folder, **quick(folder, **changes)), ProjectSettings)


class _Commands(RoomCommands):
    """The commands of this room before those of others, some of which have the same names."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        return next((command for command in (*COMMANDS, *OF_REGISTRY) if command.name == cmd_name), None)


def run(folder: Path, *arguments: str, **changes: object) -> Result:
    """Runs a command in a quick project of this folder, as the terminal would."""
    file = config(folder, **quick(folder, **changes))
    return CliRunner().invoke(_Commands("main"), [*arguments, "--config", str(file)])
