import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from transformers.utils.logging import disable_progress_bar

from ...labelled_data.base import Example, Turn
from ..settings import Settings

SAMPLE = Path(__file__).parents[1] / "sample" / "instructions.jsonl"
CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
MakeTokenizer = Callable[..., Any]
MakeModel = Callable[..., Path]


@pytest.fixture(autouse=True, scope="session")
def quietly() -> None:
    # Two threads on two busy cores wait for each other.
    torch.set_num_threads(1)
    disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers leaves it untyped


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


def sample(count: int) -> list[Example]:
    """The first conversations of the sample."""
    rows = [json.loads(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()[:count]]
    return [
        Example(row["instruction"], row["response"], f"sample:{number}", (Turn("user", row["instruction"]),))
        for number, row in enumerate(rows, start=1)
    ]


@pytest.fixture(scope="session")
def examples() -> list[Example]:
    return sample(40)


@pytest.fixture(scope="session")
def make_tokenizer(examples: list[Example]) -> MakeTokenizer:
    """A byte-level tokenizer trained on the sample, with a template and control tokens as given."""

    def make(template: str | None = None, controls: tuple[str, ...] = (), **named: str) -> Any:
        raw = Tokenizer(models.BPE())
        raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        raw.decoder = decoders.ByteLevel()
        special = [*dict.fromkeys([*named.values(), *controls])]
        trainer = trainers.BpeTrainer(
            vocab_size=500,
            special_tokens=special,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        )
        raw.train_from_iterator([str(example.target) for example in examples], trainer)
        tokenizer = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]  # transformers leaves it untyped
            tokenizer_object=raw, extra_special_tokens=list(controls), **named
        )
        tokenizer.chat_template = template
        return tokenizer

    return make


@pytest.fixture(scope="session")
def make_model(tmp_path_factory: pytest.TempPathFactory, make_tokenizer: MakeTokenizer) -> MakeModel:
    """A folder with a Llama of two small layers, random weights, and a tokenizer that has a chat template."""

    def make(seed: int = 0, dtype: torch.dtype = torch.float32, window: int = 512) -> Path:
        tokenizer = make_tokenizer(CHATML, ("<|im_start|>", "<|im_end|>"), eos_token="</s>")
        torch.manual_seed(seed)
        config = LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=window,
            eos_token_id=tokenizer.eos_token_id,
            # With the usual range an untrained model gives nearly the same probability to all tokens.
            initializer_range=0.2,
        )
        folder = tmp_path_factory.mktemp("llama") / "model"
        model: Any = LlamaForCausalLM(config)
        model.to(dtype).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        return folder

    return make


@pytest.fixture(scope="session")
def model_folder(make_model: MakeModel) -> Path:
    return make_model()


@pytest.fixture(scope="session")
def settings(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The tiny model with a chat template of its own."""
    return Settings(
        model=str(model_folder),
        stand_in_folder=str(tmp_path_factory.mktemp("stand_in")),
        device="cpu",
        max_new_tokens=12,
        lora_learning_rate=0.01,
        full_learning_rate=0.005,
    )
