"""Training of a LoRA adapter on banking77, beside a bare peft loop and SetFit: examples a second, and what they reach.

SetFit is no part of the project. Install it beside it, in an environment of its own:

    python -m venv peers && . peers/bin/activate
    pip install -c constraints.txt -e '.[reference,offline]'
    pip install setfit==1.2.0
    python benchmarks/training_speed.py DATA [--rounds 3] [--rows 1024] [--epochs 2] [--without setfit]

DATA is the folder of banking77 (train.csv, test.csv); by default it is $ADVISOR_DATA/banking77.

Speed: each round trains every system from the start on the same drawn rows, in turn, and what is printed are medians of
the ratios within the rounds: a machine that others use slows all of them. The bare loop is what a first notebook has:
peft's adapter (rank 16, query and value) in AutoModelForSequenceClassification, shuffled batches of 32 padded to their
longest text, float32, AdamW. `sorted` is the same loop with batches of similar length. Ours is the rung `lora` of the
generated project with the same rank, layers and batch size, timed with its validation left out; `whole` counts all that
the rung does, tokenising and the head that it starts from too.

Accuracy: the bare loop and ours train on all rows for the same number of passes and answer the same test questions,
once each; the difference is given with its interval. SetFit, which trains on pairs of texts, is made for few examples:
it and the rungs `head` and `lora` learn from 10 rows a label, with the time that each takes.
"""

from __future__ import annotations

import argparse
import csv
import os
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from reference_impls.encoders.base import Context
from reference_impls.encoders.kinds import Rung, fits
from reference_impls.encoders.settings import Settings as EncoderSettings
from reference_impls.encoders.source import find_source
from reference_impls.evaluation.paired import compare, in_words
from reference_impls.labelled_data.base import Classifier, Example
from reference_impls.labelled_data.rungs import Fitted, Run
from reference_impls.project_base.environment import apply_environment
from reference_impls.project_base.settings import Settings as BaseSettings
from reference_impls.training.settings import Settings as TrainingSettings

Rows = list[tuple[str, str]]


def read_rows(file: Path) -> Rows:
    with file.open(encoding="utf-8", newline="") as stream:
        return [(row["text"], row["category"]) for row in csv.DictReader(stream)]


def ours(rung: Rung, rows: Rows, epochs: int, encoders: EncoderSettings) -> Fitted:
    """One rung of the generated project, trained for exactly so many passes."""
    context = Context(encoders=encoders, training=TrainingSettings(epochs=epochs))
    examples = [Example(text, label, f"train.csv:{number}") for number, (text, label) in enumerate(rows, start=2)]
    with tempfile.TemporaryDirectory() as folder:
        return fits("classification", context)[rung](examples, (), Run(Path(folder), epochs=epochs))


class Bare:
    """The loop of a first notebook; with `by_length` its batches are of similar length."""

    def __init__(self, labels: Sequence[str], by_length: bool = False) -> None:
        import torch
        from peft import LoraConfig, TaskType, get_peft_model
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        torch.manual_seed(0)
        place = find_source(Context().embedding).place
        self.tokenizer: Any = AutoTokenizer.from_pretrained(place)
        model = AutoModelForSequenceClassification.from_pretrained(place, num_labels=len(labels))
        config = LoraConfig(
            task_type=TaskType.SEQ_CLS, r=16, lora_alpha=32, lora_dropout=0.0, target_modules=["query", "value"]
        )
        self.model: Any = get_peft_model(model, config)
        self.labels = list(labels)
        self.by_length = by_length
        self.optimiser = torch.optim.AdamW([one for one in self.model.parameters() if one.requires_grad], lr=1e-3)

    def train(self, rows: Rows, epochs: int) -> float:
        """Seconds that the passes take."""
        import torch

        numbers = torch.tensor([self.labels.index(label) for _, label in rows])
        texts = [text for text, _ in rows]
        random = np.random.default_rng(0)
        self.model.train()
        started = time.perf_counter()
        lengths = [len(ids) for ids in self.tokenizer(texts, truncation=True, max_length=128)["input_ids"]]
        for _ in range(epochs):
            order = random.permutation(len(texts))
            if self.by_length:
                order = order[np.argsort([lengths[place] for place in order], kind="stable")]
            batches = [order[start : start + 32] for start in range(0, len(order), 32)]
            for place in random.permutation(len(batches)):
                batch = batches[place]
                inputs = self.tokenizer(
                    [texts[row] for row in batch], truncation=True, max_length=128, padding=True, return_tensors="pt"
                )
                self.optimiser.zero_grad()
                self.model(**inputs, labels=numbers[batch]).loss.backward()
                self.optimiser.step()
        return time.perf_counter() - started

    def answers(self, texts: Sequence[str]) -> list[str]:
        import torch

        self.model.eval()
        found: dict[int, str] = {}
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        with torch.no_grad():
            for start in range(0, len(order), 64):
                batch = order[start : start + 64]
                inputs = self.tokenizer(
                    [texts[row] for row in batch], truncation=True, max_length=128, padding=True, return_tensors="pt"
                )
                best = self.model(**inputs).logits.argmax(dim=1).tolist()
                found |= {row: self.labels[number] for row, number in zip(batch, best, strict=True)}
        return [found[place] for place in range(len(texts))]


def set_fit(rows: Rows) -> tuple[float, Callable[[Sequence[str]], list[str]]]:
    """SetFit with one pass over its pairs, as its documentation begins: the seconds, and how it answers."""
    library = import_module("setfit")
    datasets = import_module("datasets")
    model = library.SetFitModel.from_pretrained(find_source(Context().embedding).place)
    data = datasets.Dataset.from_dict({"text": [text for text, _ in rows], "label": [label for _, label in rows]})
    arguments = library.TrainingArguments(
        batch_size=32, num_epochs=1, num_iterations=5, report_to="none", save_strategy="no", seed=0
    )
    started = time.perf_counter()
    library.Trainer(model=model, args=arguments, train_dataset=data).train()
    seconds = time.perf_counter() - started
    return seconds, lambda texts: [str(label) for label in model.predict(list(texts))]


def labels_given(model: Any, texts: Sequence[str]) -> list[str]:
    assert isinstance(model, Classifier)
    return [model.labels[number] for number in model.probabilities(texts).argmax(axis=1)]


def right(given: Sequence[str], rows: Rows) -> list[float]:
    return [float(label == wanted) for label, (_, wanted) in zip(given, rows, strict=True)]


def speed(train: Rows, rounds: int, rows: int, encoders: EncoderSettings) -> None:
    labels = sorted({label for _, label in train})
    rates: dict[str, list[float]] = {name: [] for name in ("bare", "sorted", "ours", "ours, whole")}
    random = np.random.default_rng(0)
    for number in range(rounds):
        drawn = [train[place] for place in random.choice(len(train), min(rows, len(train)), replace=False)]
        rates["bare"].append(len(drawn) / Bare(labels).train(drawn, 1))
        rates["sorted"].append(len(drawn) / Bare(labels, by_length=True).train(drawn, 1))
        started = time.perf_counter()
        fitted = ours("lora", drawn, 1, encoders)
        rates["ours, whole"].append(len(drawn) / (time.perf_counter() - started))
        rates["ours"].append(fitted.measured["examples_per_second"])
        print(f"round {number + 1}: " + ", ".join(f"{name} {rate[-1]:.0f}" for name, rate in rates.items()), flush=True)
    print("\nExamples a second, medians; the ratio is the median of the ratios within the rounds")
    for name, found in rates.items():
        ratio = statistics.median(one / bare for one, bare in zip(found, rates["bare"], strict=True))
        print(f"  {name:12} {statistics.median(found):6.0f}   {ratio:.2f} times the bare loop")


def accuracy(train: Rows, test: Rows, epochs: int, encoders: EncoderSettings) -> None:
    texts = [text for text, _ in test]
    bare = Bare(sorted({label for _, label in train}))
    seconds = bare.train(train, epochs)
    theirs = right(bare.answers(texts), test)
    fitted = ours("lora", train, epochs, encoders)
    own = right(labels_given(fitted.model, texts), test)
    print(f"\nAll {len(train)} rows, {epochs} passes")
    print(f"  bare {statistics.mean(theirs):.4f} in {seconds:.0f} s; ours {statistics.mean(own):.4f}", end=" ")
    print(f"in {fitted.measured['seconds']:.0f} s")
    print("  " + in_words(compare("accuracy of ours", own, theirs), "that of the bare loop"))


def few(train: Rows, test: Rows, with_setfit: bool) -> None:
    texts = [text for text, _ in test]
    by_label: dict[str, Rows] = {}
    for row in train:
        by_label.setdefault(row[1], []).append(row)
    random = np.random.default_rng(0)
    drawn = [
        rows[place]
        for _, rows in sorted(by_label.items())
        for place in random.choice(len(rows), min(10, len(rows)), replace=False)
    ]
    print(f"\n10 rows a label, {len(drawn)} in all")
    results: dict[str, list[float]] = {}
    tries: tuple[tuple[Rung, int], ...] = (("head", 1), ("lora", 4))
    for rung, epochs in tries:
        started = time.perf_counter()
        fitted = ours(rung, drawn, epochs, EncoderSettings())
        seconds = time.perf_counter() - started
        results[rung] = right(labels_given(fitted.model, texts), test)
        print(f"  {rung:7} {statistics.mean(results[rung]):.4f} in {seconds:.0f} s", flush=True)
    if with_setfit:
        seconds, answer = set_fit(drawn)
        results["SetFit"] = right(answer(texts), test)
        print(f"  SetFit  {statistics.mean(results['SetFit']):.4f} in {seconds:.0f} s")
        print("  " + in_words(compare("accuracy of head", results["head"], results["SetFit"]), "that of SetFit"))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    default = Path(os.environ.get("ADVISOR_DATA", "")) / "banking77"
    parser.add_argument("data", type=Path, nargs="?", default=default)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=1024)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--without", choices=["speed", "setfit", "accuracy", "few"], nargs="+", default=[])
    given = parser.parse_args()
    warnings.filterwarnings("ignore")
    apply_environment(BaseSettings())
    train, test = read_rows(given.data / "train.csv"), read_rows(given.data / "test.csv")
    same = EncoderSettings(lora_targets="query_value", lora_rank=16, lora_alpha=32)
    if "speed" not in given.without:
        speed(train, given.rounds, given.rows, same)
    if "accuracy" not in given.without:
        accuracy(train, test, given.epochs, same)
    if "few" not in given.without:
        few(train, test, "setfit" not in given.without)


if __name__ == "__main__":
    main()
