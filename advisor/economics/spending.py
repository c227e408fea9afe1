"""Money: what is paid each month beside the queries, and once before launch.

Once = labels that are missing + training + evaluation + integration. Each month = machines + store + the share of
training again, which falls due when the base retires (E34) or the relation has drifted (E35).
"""

from __future__ import annotations

from collections.abc import Iterator

from advisor.economics.ledger import Ledger
from advisor.economics.terms import Term, constant, larger, less, smaller, total
from advisor.economics.traffic import Traffic, standing_model
from advisor.knowledge.figures import Recipe
from advisor.values import Approach

__all__ = ["LABELLING_TASKS", "Spending", "summed", "trained"]

LABELLING_TASKS = ("classification", "extraction", "prediction_ranking")
"""Tasks whose right answers are labels, not texts."""

_MILLION = constant(1_000_000)
_SECONDS_OF_AN_HOUR = constant(3600)
Lines = Iterator[tuple[str, str, Term]]


def trained(recipe: Recipe, ledger: Ledger) -> str | None:
    """What is trained: encoder, adapter, full, pretraining or predictive."""
    if recipe.trains != "standing":
        return recipe.trains
    return {"encoder": "encoder", "tuned": "adapter", "predictive": "predictive"}[standing_model(ledger)]


class Spending:
    """The spending of one approach in one pattern. Each line is (id, title, money)."""

    def __init__(self, approach: Approach, recipe: Recipe, traffic: Traffic, ledger: Ledger) -> None:
        self._approach = approach
        self._recipe = recipe
        self._traffic = traffic
        self._ledger = ledger
        self._trains = trained(recipe, ledger)
        self._kind = "class" if ledger.code("task_type") in LABELLING_TASKS or self._trains == "encoder" else "written"

    def monthly(self) -> Lines:
        """What is paid each month, besides each query."""
        ledger = self._ledger
        for machine, money in self._traffic.machines():
            yield machine, f"machines: {machine.replace('_', ' ')}", money
        if self._recipe.index:
            hosted = "cpu_server_month" if ledger.self_hosted else "vector_store_month"
            yield "store", "vector store", ledger(hosted)
            corpus = None if ledger.self_hosted else self._embedding()
            if corpus is not None:
                yield "embedding", "embedding what changed, at most everything once", corpus
        writes = self._traffic.cache_writes()
        if writes is not None:
            yield "cache_writes", "writing the cache anew", writes
        if self._trains is not None:
            yield "training_again", "monthly share of training again", self._again()

    def outside(self) -> Lines:
        """What is spent once and is not the team's own time."""
        ledger = self._ledger
        labels = self._labels()
        if labels is not None and labels.high > 0:
            yield "labels", "labels that are still missing", labels * self._label_price()
        training = self._training()
        if training is not None:
            yield "training", "training runs", training
        corpus = self._embedding() if self._recipe.index and not ledger.self_hosted else None
        if corpus is not None:
            yield "embedding", "embedding the corpus", corpus
        yield "evaluation_set", "questions with checked answers", ledger("evaluation_items") * self._label_price()

    def own_time(self) -> Lines:
        """The team's own time before launch."""
        day = self._ledger("engineer_day")
        yield "evaluation", "work on the evaluation", self._ledger("evaluation_days") * day
        yield "integration", "work until it runs", self._ledger(f"integration_days_{self._approach}") * day

    def _label_price(self) -> Term:
        expert = "_expert" if self._ledger.code("label_flow") == "expert_costly" else ""
        return self._ledger(f"label_{self._kind}{expert}")

    def _wanted(self) -> Term:
        return self._ledger(f"labels_wanted_{self._kind}")

    def _labels(self) -> Term | None:
        """Labels to buy; None where they come by themselves, or nothing is trained on labels."""
        if self._trains in (None, "pretraining", "predictive") or self._ledger.code("label_flow") == "automatic":
            return None
        have = self._ledger.fact("labelled_examples")
        missing = less(self._wanted(), have if have is not None else Term(0.0, float("inf"), "labelled_examples"))
        if self._ledger.code("label_flow") == "expert_costly":
            return missing * self._ledger("active_learning_share")
        return missing

    def _training(self) -> Term | None:
        ledger = self._ledger
        if self._trains is None:
            return None
        if self._trains == "predictive":
            return ledger("predictive_run") * ledger("training_runs")
        return self._one_run() * ledger("training_runs") if self._trains != "pretraining" else self._one_run()

    def _one_run(self) -> Term:
        """Money for the GPU time of one training run."""
        ledger = self._ledger
        if self._trains == "pretraining":
            text = ledger.fact("unlabelled_tokens", least=1.0)
            tokens = text if text is not None else Term(1.0, float("inf"), "unlabelled_tokens")
            seconds = tokens / ledger("pretraining_rate")
        else:
            have = ledger.fact("labelled_examples")
            examples = self._wanted() if have is None else larger(self._wanted(), have)
            seconds = smaller(examples, ledger("most_examples")) * ledger(f"{self._trains}_example_time")
            seconds = seconds * ledger("training_epochs")
        return seconds / _SECONDS_OF_AN_HOUR * ledger("gpu_hour")

    def _again(self) -> Term:
        ledger = self._ledger
        if self._approach is Approach.RETRAINING and self._trains != "pretraining":
            run = ledger("predictive_run") if self._trains == "predictive" else self._one_run()
            pace = ledger.code("pattern_drift")
            months = ledger(f"retrain_months_{pace}" if pace in ("fast", "moderate", "slow") else "retrain_months")
            return (run + ledger("retrain_days") * ledger("engineer_day")) / months
        return (self._one_run() + ledger("retune_days") * ledger("engineer_day")) / ledger("retune_months")

    def _embedding(self) -> Term | None:
        corpus = self._ledger.fact("corpus_size", least=1.0) if self._ledger.applies("corpus_size") else None
        return corpus * self._ledger("embedding_price") / _MILLION if corpus is not None else None


def summed(lines: list[tuple[str, str, Term]]) -> Term:
    """The sum of some lines."""
    return total(money for _, _, money in lines)
