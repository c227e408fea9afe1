"""A causal language model on this machine, through transformers."""

import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..project_base.errors import UserError
from ..project_base.optional import require
from .base import Generation, Prompt
from .chat import Message, Reply, RequestRefused, Usage
from .prompting import conversation, read_generation, readable
from .settings import Settings

_REQUIREMENT = "transformers>=4.50"


class LocalModel:
    """Loads a hub name or a folder once and generates greedily, or by sampling where a temperature is set.

    Args:
        settings: `model`, `device`, `max_new_tokens` and `temperature`.

    Raises:
        UserError: The library or the model cannot be loaded.
    """

    def __init__(self, settings: Settings) -> None:
        self._library: Any = require("transformers", _REQUIREMENT)
        self._library.utils.logging.disable_progress_bar()
        self._torch: Any = require("torch", "torch>=2.4")
        self._settings = settings
        try:
            self._tokenizer: Any = self._library.AutoTokenizer.from_pretrained(settings.model, trust_remote_code=False)
            # Only safetensors: the older weight files are pickles, which can run code when they are opened.
            model: Any = self._library.AutoModelForCausalLM.from_pretrained(
                settings.model, dtype="auto", use_safetensors=True, trust_remote_code=False
            )
            self._model: Any = model.to(self._device())
        except Exception as error:
            # Missing files, no network, a foreign format and a missing device end here, in many exception types.
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
            raise UserError(
                f"the language model {settings.model} cannot be loaded: {reason}",
                "set language_models.model to a folder with a causal model in safetensors, or to a hub name with "
                "project_base.offline: false",
            ) from error

    def _device(self) -> str:
        if self._settings.device != "auto":
            return self._settings.device
        if self._torch.cuda.is_available():
            return "cuda"
        return "mps" if self._torch.backends.mps.is_available() else "cpu"

    def generate(self, prompt: Prompt) -> Generation:
        """Answers from the passages; the last ones are left out where the model's window is too small for all.

        Raises:
            UserError: Not even the best passage fits into the model's window.
        """
        used, tokens = self._fitting(prompt)
        return read_generation(self._written(tokens), used)

    def complete(self, instruction: str, text: str) -> str:
        """What the model writes about a text.

        Raises:
            UserError: The text does not fit into the model's window.
        """
        tokens = self._encoded([{"role": "system", "content": instruction}, {"role": "user", "content": text}])
        if len(tokens) > self._window() - self._settings.max_new_tokens:
            raise self._too_long("the text does")
        return self._written(tokens)

    def chat(
        self, messages: Sequence[Message], response_format: Mapping[str, Any] | None = None, request_id: str = ""
    ) -> Reply:
        """What the model writes next; a response format and a name of the request mean nothing to it.

        Raises:
            RequestRefused: The conversation does not fit into the model's window.
        """
        del response_format, request_id
        tokens = self._encoded(messages)
        if len(tokens) > self._window() - self._settings.max_new_tokens:
            error = self._too_long(f"{len(tokens):,} tokens do")
            raise RequestRefused(error.message, error.next_step)
        started = time.monotonic()
        written = self._generate(tokens)[0][len(tokens) :]
        seconds = time.monotonic() - started
        text = str(self._tokenizer.decode(written, skip_special_tokens=True))
        ended = len(written) > 0 and int(written[-1]) == self._tokenizer.eos_token_id
        cut = len(written) >= self._settings.max_new_tokens and not ended
        return Reply(text, Usage(len(tokens), len(written), 0), seconds=seconds, cut=cut)

    def count(self, messages: Sequence[Message]) -> int:
        """Tokens of a conversation, its template among them."""
        return len(self._encoded(messages))

    def stream(self, prompt: Prompt) -> Iterator[str | Generation]:
        """Answers like `generate`, piece by piece; the model stops at the next token where nobody reads on.

        Raises:
            UserError: Not even the best passage fits into the model's window.
        """
        used, tokens = self._fitting(prompt)
        yield from readable(self._pieces(tokens), used)

    def _written(self, tokens: list[int]) -> str:
        output = self._generate(tokens)
        text: str = self._tokenizer.decode(output[0][len(tokens) :], skip_special_tokens=True)
        return text

    def _pieces(self, tokens: list[int]) -> Iterator[str]:
        streamer = self._library.TextIteratorStreamer(self._tokenizer, skip_prompt=True, skip_special_tokens=True)
        abandoned = threading.Event()
        failures: list[Exception] = []

        def write() -> None:
            try:
                self._generate(tokens, streamer=streamer, stopping_criteria=[lambda *_: abandoned.is_set()])
            except Exception as error:  # raised again where the answer is read
                failures.append(error)
                streamer.end()

        writer = threading.Thread(target=write, daemon=True)
        writer.start()
        try:
            yield from streamer
        finally:
            abandoned.set()
            writer.join()
        if failures:
            raise failures[0]

    def _generate(self, tokens: list[int], **further: Any) -> Any:
        options: dict[str, Any] = {"do_sample": False}
        if self._settings.temperature > 0:
            options = {"do_sample": True, "temperature": self._settings.temperature}
        inputs = self._torch.tensor([tokens], device=self._model.device)
        padding = self._tokenizer.pad_token_id
        with self._torch.inference_mode():
            return self._model.generate(
                inputs,
                attention_mask=self._torch.ones_like(inputs),
                max_new_tokens=self._settings.max_new_tokens,
                pad_token_id=self._tokenizer.eos_token_id if padding is None else padding,
                **options,
                **further,
            )

    def _fitting(self, prompt: Prompt) -> tuple[Prompt, list[int]]:
        room = self._window() - self._settings.max_new_tokens
        for count in range(len(prompt.passages), 0, -1):
            shorter = Prompt(prompt.question, prompt.passages[:count], prompt.question_vector)
            tokens = self._tokens(shorter)
            if len(tokens) <= room:
                return shorter, tokens
        raise self._too_long("question and best passage do")

    def _window(self) -> int:
        return int(getattr(self._model.config, "max_position_embeddings", 0) or self._tokenizer.model_max_length)

    def _too_long(self, what: str) -> UserError:
        return UserError(
            f"{what} not fit into the {self._window()} tokens of {Path(self._settings.model).name} beside "
            f"{self._settings.max_new_tokens} new ones",
            "lower language_models.max_new_tokens or corpus.chunk_words, or choose a model with a longer window",
        )

    def _tokens(self, prompt: Prompt) -> list[int]:
        return self._encoded(conversation(prompt))

    def _encoded(self, messages: Sequence[Mapping[str, Any]]) -> list[int]:
        turns = [{**turn, "content": self._without_controls(turn["content"])} for turn in messages]
        if self._tokenizer.chat_template:
            text = self._tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
            return list(self._tokenizer(text, add_special_tokens=False)["input_ids"])
        said = "\n\n".join(turn["content"] for turn in turns)
        return list(self._tokenizer(f"{said}\n\nAnswer:")["input_ids"])

    def _without_controls(self, text: str) -> str:
        """The text with the tokenizer's control tokens taken apart: a document must not end a turn or open one."""
        controls = {str(token) for token in self._tokenizer.added_tokens_decoder.values() if len(str(token)) > 1}
        if not controls:
            return text
        longest_first = sorted(controls, key=len, reverse=True)
        return re.sub("|".join(map(re.escape, longest_first)), lambda found: f"{found[0][0]} {found[0][1:]}", text)
