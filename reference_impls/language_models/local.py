"""A causal language model on this machine, through transformers."""

from pathlib import Path
from typing import Any

from ..project_base.errors import UserError
from ..project_base.optional import require
from .base import Generation, Prompt
from .prompting import RULES, read_generation, user_message
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
        library = require("transformers", _REQUIREMENT)
        library.utils.logging.disable_progress_bar()
        self._torch: Any = require("torch", "torch>=2.4")
        self._settings = settings
        try:
            self._tokenizer: Any = library.AutoTokenizer.from_pretrained(settings.model, trust_remote_code=False)
            # Only safetensors: the older weight files are pickles, which can run code when they are opened.
            model: Any = library.AutoModelForCausalLM.from_pretrained(
                settings.model, dtype="auto", use_safetensors=True, trust_remote_code=False
            )
            self._model: Any = model.to(self._device()).eval()
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
        options: dict[str, Any] = {"do_sample": False}
        if self._settings.temperature > 0:
            options = {"do_sample": True, "temperature": self._settings.temperature}
        inputs = self._torch.tensor([tokens], device=self._model.device)
        padding = self._tokenizer.pad_token_id
        with self._torch.inference_mode():
            output = self._model.generate(
                inputs,
                attention_mask=self._torch.ones_like(inputs),
                max_new_tokens=self._settings.max_new_tokens,
                pad_token_id=self._tokenizer.eos_token_id if padding is None else padding,
                **options,
            )
        text: str = self._tokenizer.decode(output[0][len(tokens) :], skip_special_tokens=True)
        return read_generation(text, used)

    def _fitting(self, prompt: Prompt) -> tuple[Prompt, list[int]]:
        window = int(getattr(self._model.config, "max_position_embeddings", 0) or self._tokenizer.model_max_length)
        room = window - self._settings.max_new_tokens
        for count in range(len(prompt.passages), 0, -1):
            shorter = Prompt(prompt.question, prompt.passages[:count], prompt.question_vector)
            tokens = self._tokens(user_message(shorter))
            if len(tokens) <= room:
                return shorter, tokens
        name = Path(self._settings.model).name
        raise UserError(
            f"question and best passage do not fit into the {window} tokens of {name} beside "
            f"{self._settings.max_new_tokens} new ones",
            "lower language_models.max_new_tokens or corpus.chunk_words, or choose a model with a longer window",
        )

    def _tokens(self, message: str) -> list[int]:
        if self._tokenizer.chat_template:
            turns = [{"role": "system", "content": RULES}, {"role": "user", "content": message}]
            text = self._tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
            return list(self._tokenizer(text, add_special_tokens=False)["input_ids"])
        return list(self._tokenizer(f"{RULES}\n\n{message}\n\nAnswer:")["input_ids"])
