"""The client of OpenAI-compatible endpoints against a server that others wrote: `transformers serve`, a tiny model."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from reference_impls.language_models.base import Generation, Passage, Prompt
from reference_impls.language_models.local import LocalModel
from reference_impls.language_models.openai_compatible import OpenAICompatibleModel
from reference_impls.language_models.prompting import conversation
from reference_impls.language_models.settings import Settings
from reference_impls.project_base.errors import UserError
from reference_impls.rag.rewriting import Rewriter

PROMPT = Prompt("How long is the warranty?", (Passage("a.md", "The warranty lasts two years. It starts in March."),))
LONGEST_START = 120


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama of two small layers with random weights, a byte tokenizer, and a chat template."""
    torch.manual_seed(0)
    raw = Tokenizer(models.BPE(unk_token=None))
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=["<s>", "</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    raw.train_from_iterator([turn["content"] for turn in conversation(PROMPT)], trainer)
    tokenizer = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]  # transformers leaves it untyped
        tokenizer_object=raw, bos_token="<s>", eos_token="</s>", pad_token="</s>"
    )
    tokenizer.chat_template = "{% for turn in messages %}{{ turn.role }}: {{ turn.content }}\n{% endfor %}assistant:"
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=2048,
        bos_token_id=0,
        eos_token_id=1,
    )
    path = tmp_path_factory.mktemp("served") / "tiny"
    LlamaForCausalLM(config).save_pretrained(path)
    tokenizer.save_pretrained(path)
    return path


@pytest.fixture(scope="module")
def base_url(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", str(folder)]
    log = tmp_path_factory.mktemp("log") / "serve.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"],
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "HF_HUB_OFFLINE": "1"},
        )
        try:
            _wait(server, port, log)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.terminate()
            server.wait()


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + LONGEST_START
    while time.monotonic() < end and server.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/health").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    pytest.fail(f"transformers serve did not start: {log.read_text(errors='replace')[-2000:]}")


def settings(folder: Path, base_url: str, **changes: object) -> Settings:
    given = {"generator": "openai_compatible", "model": str(folder), "base_url": base_url, "max_new_tokens": 24}
    return Settings.model_validate({**given, **changes})


def test_the_server_writes_what_the_same_model_writes_here(folder: Path, base_url: str) -> None:
    served = OpenAICompatibleModel(settings(folder, base_url)).generate(PROMPT)
    local = LocalModel(Settings(generator="local", model=str(folder), device="cpu", max_new_tokens=24))
    assert served.text
    assert served == local.generate(PROMPT)


def test_the_server_completes_what_the_same_model_completes_here(folder: Path, base_url: str) -> None:
    asked = "Write 2 short search queries.", "How long is the warranty?"
    served = OpenAICompatibleModel(settings(folder, base_url)).complete(*asked)
    local = LocalModel(Settings(generator="local", model=str(folder), device="cpu", max_new_tokens=24))
    assert served
    assert served == local.complete(*asked)


def test_a_question_is_rewritten_by_the_server(folder: Path, base_url: str) -> None:
    question = "How long is the warranty?"
    rewritten = Rewriter(OpenAICompatibleModel(settings(folder, base_url)), 3).rewrite(question)
    # Random weights write random words: whatever they are, they come out as at most three clean lines.
    assert rewritten.queries[0] == question
    assert len(rewritten.queries) <= 4
    assert all(query.isprintable() and query.strip() == query for query in rewritten.queries[1:])
    assert bool(rewritten.note) == (len(rewritten.queries) == 1)


def test_the_stream_of_the_server_is_its_answer(folder: Path, base_url: str) -> None:
    model = OpenAICompatibleModel(settings(folder, base_url))
    *pieces, generation = model.stream(PROMPT)
    assert isinstance(generation, Generation)
    assert len(pieces) > 1
    assert "".join(map(str, pieces)) == generation.text == model.generate(PROMPT).text


@pytest.mark.parametrize("changes", [{"base_url_end": ""}, {"model": "another/model", "retries": 0}])
def test_what_the_server_refuses_is_told(folder: Path, base_url: str, changes: dict[str, object]) -> None:
    address = base_url.removesuffix("/v1") if "base_url_end" in changes else base_url
    further = {name: value for name, value in changes.items() if name != "base_url_end"}
    with pytest.raises(UserError, match="answers with status 4"):
        OpenAICompatibleModel(settings(folder, address, **further)).generate(PROMPT)
