"""Trains an adapter of the embedder on mined pairs, and keeps it merged, as a folder for `embedding.model`."""

import hashlib
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...embedding.sentence import SentenceEmbedder
from ...encoders.adapters import add_adapter, merged_encoder
from ...encoders.loading import load_encoder, load_tokenizer
from ...encoders.reading import Reader
from ...encoders.source import Source, find_source
from ...labelled_data.rungs import Run
from ...project_base.errors import UserError
from ...registry.lock import only_one
from ...registry.model_folder import write_model
from ...registry.registry import Registry
from ...training.base import Trained as TrainedNetwork
from ...training.loop import train as train_network
from ...training.run_key import run_key
from ...training.seeds import seed_everything
from ..base import Trained, Work
from ..settings import ProjectSettings
from .embedders import FOLDER, KIND
from .mining import Mined, Pair
from .network import PairBatches, PairNetwork, Pool10, Readers, contrastive_loss

_RUN = "tuned-retriever"
_MAKE_IT = ("mining.py", "network.py", "training.py")
"""The modules whose code decides what is trained."""


@dataclass(frozen=True)
class Lessons:
    """What is learnt from.

    Attributes:
        train: Pairs to learn from.
        validation: Pairs to stop by.
        data: Digest of the questions and their sides.
        unseen: Paths of the documents that neither knows.
    """

    train: Mined
    validation: Mined
    data: str
    unseen: tuple[str, ...]


def train_embedder(settings: ProjectSettings, lessons: Lessons, work: Work) -> Trained:
    """Trains, merges and adds a version to the registry; one of the same pairs, settings and code is taken as it is.

    Raises:
        UserError: There are no pairs, the embedder is gone, memory does not suffice, or another process trains.
        OSError: Runs folder or registry cannot be written.
    """
    if not lessons.train.pairs or not lessons.validation.pairs:
        raise UserError(
            f"{len(lessons.train.pairs)} pairs to train on and {len(lessons.validation.pairs)} to stop by: too few",
            "write more questions with their documents into hybrid.pairs, or index the documents that they name",
        )
    source = find_source(settings.embedding)
    key = _key(settings, lessons, source)
    registry = Registry(Path(settings.registry.folder), settings.registry.keep, tell=work.tell)
    folder = Path(settings.fine_tuning.runs_folder) / _RUN
    folder.mkdir(parents=True, exist_ok=True)
    with only_one(folder / ".lock", "training the embedder", tell=work.tell):
        known = [each for each in registry.versions() if each.about.get("key") == key and not each.damage]
        if known and not work.again:
            work.tell(f"{known[-1].id} was made of the same pairs, settings and code")
            return Trained(known[-1].id, (_told(known[-1].about),))
        if work.again:
            shutil.rmtree(folder / "checkpoints", ignore_errors=True)
        started = time.perf_counter()
        network, trained, before = _trained(settings, lessons, source, folder, key, work)
        about = {
            "task": "retrieval",
            "base": source.identity.model_dump(),
            "data": lessons.data,
            "unseen": list(lessons.unseen),
            "key": key,
            "pairs": len(lessons.train.pairs),
            "metric": "nDCG@10 among the passages of the validation pairs",
            "score": trained.best,
            "untuned_score": before,
            "losses": [each.loss for each in trained.history],
        }
        made = write_model(folder / "model", KIND, about, lambda part: _write(settings, network, part), replace=True)
        version = registry.add(made, about, move=True)
        shutil.rmtree(folder, ignore_errors=True)
    losses = [each.loss for each in trained.history]
    measured = {
        **trained.measured,
        "seconds": time.perf_counter() - started,
        "first_loss": losses[0],
        "last_loss": losses[-1],
        "validation_before": before,
        "validation_after": float(trained.best or 0.0),
        "pairs": float(len(lessons.train.pairs)),
        "passed_over": float(lessons.train.near),
    }
    return Trained(version, (_told(about),), measured)


def _trained(
    settings: ProjectSettings, lessons: Lessons, source: Source, folder: Path, key: str, work: Work
) -> tuple[PairNetwork, TrainedNetwork, float]:
    readers = _readers(settings, source)
    seed_everything(settings.labelled_data.seed)
    encoder = add_adapter(load_encoder(source), settings.encoders, source.identity.name)
    network = PairNetwork(encoder, source.pooling)
    pool = Pool10(readers, lessons.validation.pairs)
    # A fresh adapter changes nothing: this is the untuned embedder.
    before = pool.ndcg(network.eval())
    work.tell(f"{len(lessons.train.pairs)} pairs to train on; untuned, validation stands at {before:.3f}")
    if settings.training.shared:
        work.tell("the embedder is trained in one process: training.processes counts for the rungs of the ladder")
    trained = train_network(
        network,
        PairBatches(readers, lessons.train.pairs),
        contrastive_loss,
        lambda: pool.ndcg(network),
        # The wrong passages of a pair are those of its whole step: a share of it would teach less.
        settings.training.alone(),
        Run(folder, settings.labelled_data.seed, None, work.progress, work.tell),
        key=key,
        longest="encoders.most_tokens",
    )
    return network, trained, before


def _readers(settings: ProjectSettings, source: Source) -> Readers:
    prompts = _sentence_model(settings).prompts or {}
    most = min(settings.encoders.most_tokens, source.most_tokens)
    tokenizer = load_tokenizer(source)
    return Readers(Reader(tokenizer, most, str(prompts.get("query") or "")), Reader(tokenizer, most, source.prompt))


def _sentence_model(settings: ProjectSettings) -> Any:
    return SentenceEmbedder(settings.embedding.model_copy(update={"backend": "torch", "device": "cpu"})).model


def _write(settings: ProjectSettings, network: PairNetwork, part: Path) -> None:
    """Writes the embedder as sentence-transformers lays it out: its own pooling and prompts, and tuned weights."""
    whole = _sentence_model(settings)
    tuned = merged_encoder(network.encoder).to("cpu")
    whole[0].auto_model.load_state_dict(tuned.state_dict())
    whole.save(str(part / FOLDER), create_model_card=False, safe_serialization=True)


def _key(settings: ProjectSettings, lessons: Lessons, source: Source) -> str:
    # The passages of a part of a batch are the negatives of its questions: here its size has a say.
    training = {**settings.training.deciding(), "gradient_accumulation": settings.training.gradient_accumulation}
    lora = {name: value for name, value in settings.encoders.model_dump(mode="json").items() if name.startswith("lora")}
    lora.pop("lora_learning_rate")
    code = hashlib.sha256()
    for name in _MAKE_IT:
        code.update((Path(__file__).parent / name).read_bytes())
    return run_key(
        rooms=["encoders"],
        code=code.hexdigest(),
        base=source.identity.model_dump(),
        train=_digest(lessons.train.pairs),
        validation=_digest(lessons.validation.pairs),
        training=training,
        encoders={**lora, "most_tokens": settings.encoders.most_tokens},
        seed=settings.labelled_data.seed,
    )


def _digest(pairs: Sequence[Pair]) -> str:
    told = [(each.question, each.passage, each.negatives, each.document, sorted(each.gold)) for each in pairs]
    return hashlib.sha256(repr(told).encode("utf-8", "surrogatepass")).hexdigest()


def _told(about: Any) -> str:
    losses = about["losses"]
    return (
        f"validation {about['untuned_score']:.3f} untuned, {about['score']:.3f} tuned (nDCG@10 among mined passages); "
        f"loss {losses[0]:.3f} to {losses[-1]:.3f} over {len(losses)} rounds, {about['pairs']} pairs"
    )
