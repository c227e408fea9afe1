"""A text encoder that guesses hidden tokens (BERT: Devlin et al. 2019), with the layer that guesses.

A sentence encoder is published without that layer: all-MiniLM-L6-v2 has none. Transformers would put random numbers in
its place, and a loss "before" that was measured with them would say nothing of the encoder, and any training would
look like a gain. So a layer that is missing is fitted first, on the text that is trained on and with the encoder
frozen, until validation no longer gains; this is the model that counts as before. The layer's matrix over the
vocabulary is the encoder's own embedding, as in BERT; what is fitted is one linear layer, a norm and a bias.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from ..embedding.sentence import SentenceEmbedder
from ..embedding.settings import Settings as EmbeddingSettings
from ..encoders.loading import load_encoder, load_tokenizer
from ..encoders.paraphrases import paraphrases_found
from ..encoders.reading import Reader
from ..encoders.source import Source
from ..project_base.errors import UserError
from ..project_base.progress import Advance
from ..training.base import Batch
from ..training.seeds import seed_everything
from .base import Base, Losses, Tokens
from .blocks import IGNORED, Specials, maskings, padded, windows
from .guessing import GuessingNetwork, no_masks, with_layer

HEAD_FOLDER = "guessing_layer"
"""Below a model's folder: what an encoder's own files have no place for."""
BEFORE = "before"
AFTER = "after"
_RATE = 5e-5
_TOKENS = 8192
"""Most tokens that are read at once when documents are judged."""


class MaskedModel:
    """A `LanguageModel` that guesses hidden tokens.

    Args:
        source: The encoder.
        mask_share: Share of the tokens that are hidden at a time.
        most: Most tokens of a window.
        seed: Of a layer that is missing, and of what is hidden.
        head: The guessing layer's file; None takes that of the encoder's files, or a new one.

    Raises:
        UserError: It cannot be loaded, or its architecture has no guessing layer.
    """

    def __init__(self, source: Source, mask_share: float, most: int, seed: int, head: Path | None = None) -> None:
        self.source = source
        self.encoder = load_encoder(source)
        self.tokenizer = load_tokenizer(source)
        self._mask_share = mask_share
        self._seed = seed
        seed_everything(seed)
        whole, self.head_missing = with_layer(source, self.encoder)
        self.network = GuessingNetwork(whole)
        for name, weight in self.encoder.named_parameters():
            # Not part of the vectors, nor of what is guessed.
            weight.requires_grad_("pooler" not in name.split("."))
        self._prefix = f"model.{whole.base_model_prefix}."
        if head is not None:
            self.read_head(head)
            self.head_missing = False
        # Behind its window a sentence encoder cuts; its positions reach further, but were not trained to be read.
        self.window = min(most, source.most_tokens)
        known = self.tokenizer
        if known.mask_token_id is None or known.sep_token_id is None:
            raise no_masks(source.identity.name)
        self.specials = Specials(
            before=known.cls_token_id,
            after=known.sep_token_id,
            padding=known.pad_token_id or 0,
            mask=known.mask_token_id,
            never=frozenset(known.all_special_ids),
            vocabulary=len(known),
        )

    def tokens(self, texts: Sequence[str]) -> list[Tokens]:
        """The tokens of each text, without special ones: int32 [tokens]."""
        # The tokenizer warns of texts beyond the window, which are cut into windows here.
        found = self.tokenizer(list(texts), add_special_tokens=False, verbose=False)["input_ids"] if texts else []
        return [np.array(each, dtype=np.int32) for each in found]

    def losses(
        self, documents: Sequence[Tokens], advance: Advance = lambda _: None, *, thorough: bool = True
    ) -> Losses:
        """The loss of each document: with `thorough` every token is hidden once, among others of its round."""
        rows: list[tuple[int, Tokens, np.ndarray[Any, np.dtype[np.bool_]]]] = []
        for number, document in enumerate(documents):
            for piece in windows(document, self.window - 2):
                hidden = list(maskings(len(piece), self._mask_share, self._seed))
                rows += [(number, piece, each) for each in (hidden if thorough else hidden[:1]) if each.any()]
        sums = np.zeros(len(documents))
        counts = np.zeros(len(documents), dtype=np.int64)
        rows.sort(key=lambda row: -len(row[1]))
        device = next(self.network.parameters()).device
        training = self.network.training
        self.network.eval()
        start, finished = 0, 0.0
        with torch.inference_mode():
            while start < len(rows):
                part = rows[start : start + max(1, _TOKENS // (len(rows[start][1]) + 2))]
                inputs, chosen, wanted = self._hidden(part)
                logits = self.network(
                    inputs["input_ids"].to(device), inputs["attention_mask"].to(device), chosen.to(device)
                )
                nats = torch.nn.functional.cross_entropy(logits.float(), wanted.to(device), reduction="none")
                owner = np.repeat([row[0] for row in part], [int(row[2].sum()) for row in part])
                np.add.at(sums, owner, nats.double().cpu().numpy())
                np.add.at(counts, owner, 1)
                start += len(part)
                finished += len(part) * len(documents) / len(rows)
                advance(int(finished))
                finished -= int(finished)
        self.network.train(training)
        return Losses(sums, counts)

    def loss(self, model: Any, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """The sum of the losses of a training batch, and how many tokens it goes over."""
        chosen = batch["labels"] != IGNORED
        logits = model(batch["input_ids"], batch["attention_mask"], chosen)
        total = torch.nn.functional.cross_entropy(logits.float(), batch["labels"][chosen], reduction="sum")
        return total, chosen.sum()

    def freeze_encoder(self, frozen: bool) -> None:
        """Leaves only the guessing layer to be trained, or trains the encoder too."""
        for name, weight in self.network.named_parameters():
            if name.startswith(self._prefix):
                weight.requires_grad_(not frozen and "pooler" not in name.split("."))

    def head_names(self) -> frozenset[str]:
        """The weights of the guessing layer, without the matrix that is the encoder's embedding."""
        return frozenset(name for name, _ in self.network.named_parameters() if not name.startswith(self._prefix))

    def head_state(self) -> dict[str, torch.Tensor]:
        """The guessing layer, as its file holds it."""
        own = dict(self.network.named_parameters())
        return {name.removeprefix("model."): own[name].detach().cpu().clone() for name in sorted(self.head_names())}

    def read_head(self, file: Path) -> None:
        """Puts a kept guessing layer in the place of the present one.

        Raises:
            UserError: It is missing, damaged, or of another model.
        """
        own = {name.removeprefix("model."): weight for name, weight in self.network.named_parameters()}
        try:
            kept = load_file(file)
            with torch.no_grad():
                for name, value in kept.items():
                    own[name].copy_(value)
        except (OSError, SafetensorError, KeyError, RuntimeError) as error:
            raise UserError(
                f"the guessing layer {file} does not fit its encoder ({str(error).strip() or type(error).__name__})",
                "take another version of the model, or train it again",
            ) from error

    @property
    def base(self) -> Base:
        """The encoder as it was named."""
        return Base(self.source.identity.name, "", self.source.identity.model_dump(), _RATE)

    def paraphrases(self) -> list[float]:
        """For each everyday sentence 1.0 where its paraphrase is found among all, else 0.0."""
        reader = Reader(self.tokenizer, self.source.most_tokens, self.source.prompt)
        return paraphrases_found(self.encoder, reader, self.source.pooling)

    def write(self, folder: Path) -> None:
        """Writes the encoder as sentence-transformers reads it, and its guessing layer in a folder below."""
        # The library writes how vectors are pooled and which prompts they want as it read them.
        named = EmbeddingSettings(model=self.source.identity.name, device="cpu", backend="torch")
        sentence_model = SentenceEmbedder(named).model
        sentence_model[0].auto_model.load_state_dict(self.encoder.state_dict())
        sentence_model.save_pretrained(str(folder), create_model_card=False, safe_serialization=True)
        (folder / HEAD_FOLDER).mkdir()
        save_file(self.head_state(), folder / HEAD_FOLDER / f"{AFTER}.safetensors")

    def _hidden(self, rows: Sequence[Any]) -> tuple[Batch, torch.Tensor, torch.Tensor]:
        """Inputs with hidden tokens, where they stand, and what stood there."""
        shown, wanted = [], []
        for _, piece, hidden in rows:
            wanted.append(piece[hidden])
            covered = np.where(hidden, np.int32(self.specials.mask or 0), piece)
            before = [] if self.specials.before is None else [self.specials.before]
            shown.append(np.concatenate([before, covered, [self.specials.after]]).astype(np.int32))
        inputs = padded(shown, self.specials.padding)
        chosen = torch.zeros_like(inputs["input_ids"], dtype=torch.bool)
        first = 0 if self.specials.before is None else 1
        for place, (_, piece, hidden) in enumerate(rows):
            chosen[place, first : first + len(piece)] = torch.from_numpy(hidden)
        return inputs, chosen, torch.from_numpy(np.concatenate(wanted).astype(np.int64))
