"""A causal language model that answers conversations, and says how likely it finds given responses."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..labelled_data.base import Advance, Example, Turn
from ..project_base.errors import UserError
from ..project_base.optional import require
from .batches import ResponseLoss, padded
from .chat import ChatFormat, Encoded
from .settings import Settings

_TOKENS = 8192
"""Most tokens that the model reads at once."""
_NO_MEMORY = ("out of memory", "not enough memory", "can't allocate memory")


class CausalWriter:
    """Writes responses, by batches, and stops each at the end of its turn.

    Args:
        model: A causal language model of transformers, with an adapter or without.
        chat: Its tokenizer and template.
        settings: `most_tokens`, `max_new_tokens`, `temperature` and `batch_size`.
        notice: What has to be said with everything that it writes.
    """

    def __init__(self, model: Any, chat: ChatFormat, settings: Settings, notice: str = "") -> None:
        self.model = model
        self.chat = chat
        self.settings = settings
        self.notice = notice
        self._loss = ResponseLoss(_without_adapter(model))
        given = model.generation_config.eos_token_id
        given = given if isinstance(given, list) else [given]
        known = {chat.end_token, chat.tokenizer.eos_token_id, *given} - {None}
        self.ends: frozenset[int] = frozenset(known)
        """The tokens that end a response."""
        padding = chat.tokenizer.pad_token_id
        self.padding: int = chat.end_token if padding is None else padding
        """The token that fills the shorter rows of a batch; it is masked."""
        # A model that also sees pictures keeps what belongs to its texts apart.
        config = model.config.get_text_config()
        stated = getattr(config, "max_position_embeddings", 0) or chat.tokenizer.model_max_length
        self.window = int(min(stated, 1 << 20))
        """Most tokens that the model reads and writes together."""
        self.shortened = 0
        """How many conversations were too long so far, and lost their beginning."""

    def write(self, conversations: Sequence[Sequence[Turn]], advance: Advance = lambda _: None) -> list[str]:
        """The response to each conversation, whose last turn is the user's.

        A conversation that leaves no room for a response in the model's window loses its beginning. With a temperature
        the responses are drawn at random, and the same ones for the same conversations.

        Raises:
            UserError: The chat template refuses a conversation, or memory is short.
        """
        new = min(self.settings.max_new_tokens, self.window // 2)
        prompts = [self._fitting(self.chat.prompt(turns), self.window - new) for turns in conversations]
        texts = [""] * len(prompts)
        for part in batches_of(prompts, self.settings.batch_size, _TOKENS):
            with self._answering():
                for position, tokens in zip(part, self._written([prompts[each] for each in part], new), strict=True):
                    texts[position] = self.chat.text(tokens, self.ends)
            advance(len(part))
        return texts

    def losses(self, examples: Sequence[Example], advance: Advance = lambda _: None) -> NDArray[np.float32]:
        """Mean negative log-likelihood, in nats for each token of the wanted response: float32 [n].

        Examples are cut as in training; where nothing of the response would be left, the prompt loses its beginning.

        Raises:
            UserError: The chat template refuses a conversation, or memory is short.
        """
        most = min(self.settings.most_tokens, self.window)
        items = []
        for example in examples:
            whole = self.chat.example(example.turns, str(example.target), example.place)
            items.append(whole.cut(most) if whole.start < most else _without_beginning(whole, most))
        sums, counts = self.token_losses(items, advance)
        return (sums / counts).astype(np.float32)

    def token_losses(
        self, items: Sequence[Encoded], advance: Advance = lambda _: None
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Of each item the sum of the losses of its counted tokens in nats, and their number: float64 and int64 [n]."""
        sums = np.zeros(len(items))
        counts = np.array([item.response for item in items], dtype=np.int64)
        for part in batches_of([item.tokens for item in items], self.settings.batch_size, _TOKENS):
            with self._answering():
                batch = padded([items[position] for position in part], self.padding)
                batch = {name: tensor.to(self.model.device) for name, tensor in batch.items()}
                losses = self._loss.of_tokens(self.model, batch)
                sums[part] = losses.double().sum(dim=1).cpu().numpy()
            advance(len(part))
        return sums, counts

    def generation_options(self) -> dict[str, Any]:
        """How it writes, as transformers' GenerationConfig takes it."""
        options: dict[str, Any] = {
            "eos_token_id": sorted(self.ends),
            "pad_token_id": self.padding,
            "bos_token_id": self.chat.tokenizer.bos_token_id,
            "do_sample": self.settings.temperature > 0,
        }
        return options | ({"temperature": self.settings.temperature} if self.settings.temperature > 0 else {})

    def _fitting(self, prompt: tuple[int, ...], most: int) -> tuple[int, ...]:
        self.shortened += len(prompt) > most
        return prompt[-most:]

    def _written(self, prompts: list[tuple[int, ...]], new: int) -> list[list[int]]:
        library: Any = require("transformers", "transformers>=4.50")
        torch: Any = require("torch", "torch>=2.4")
        width = max(map(len, prompts))
        # The model goes on from the last column, so the prompts stand at the right.
        tokens = torch.tensor([[self.padding] * (width - len(prompt)) + list(prompt) for prompt in prompts])
        mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts])
        device = self.model.device
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            torch.manual_seed(0)
            written = self.model.generate(
                input_ids=tokens.to(device),
                attention_mask=mask.to(device),
                generation_config=library.GenerationConfig(max_new_tokens=new, **self.generation_options()),
            )
        rows: list[list[int]] = written[:, width:].tolist()
        return rows

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """No gradients, no dropout; the model's own state comes back afterwards."""
        import torch  # noqa: PLC0415 -- heavy

        training = self.model.training
        self.model.eval()
        try:
            with torch.inference_mode():
                yield
        except (MemoryError, RuntimeError) as error:
            if isinstance(error, RuntimeError) and not any(sign in str(error).lower() for sign in _NO_MEMORY):
                raise
            raise UserError(
                f"the memory does not suffice for {self.settings.batch_size} conversations at once",
                "lower generators.batch_size, generators.most_tokens or generators.max_new_tokens",
            ) from error
        finally:
            self.model.train(training)


def batches_of(rows: Sequence[Sequence[int]], most: int, tokens: int) -> Iterator[list[int]]:
    """Positions of rows in batches of like length, longest first: at most so many rows, and tokens with padding."""
    order = sorted(range(len(rows)), key=lambda position: -len(rows[position]))
    start = 0
    while start < len(order):
        size = min(most, max(1, tokens // max(1, len(rows[order[start]]))))
        yield order[start : start + size]
        start += size


def validation_metric(writer: CausalWriter, items: Sequence[Encoded]) -> Callable[[], float] | None:
    """The metric that training is stopped by: minus the mean loss of a response token; None without items."""
    if not items:
        return None

    def validate() -> float:
        sums, counts = writer.token_losses(items)
        return -float(sums.sum() / counts.sum())

    return validate


def _without_beginning(whole: Encoded, most: int) -> Encoded:
    """An item whose prompt loses its beginning: half of the room at least stays for the prompt's end."""
    kept = min(whole.response, most // 2)
    tokens = whole.tokens[: whole.start + kept][-most:]
    return Encoded(tokens, len(tokens) - kept)


def _without_adapter(model: Any) -> Any:
    return model.get_base_model() if hasattr(model, "get_base_model") else model
