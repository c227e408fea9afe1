"""How the two rankings are best fused: chosen on one data set, reported on the other, both ways.

    pip install PyStemmer==3.1.0
    python benchmarks/retrieval_quality.py [--sentences] [--vectors FOLDER]

ADVISOR_DATA names the folder with the data sets xquad and medquad_niddk. --vectors keeps the embeddings for the next
run. Every way to fuse is judged as `evaluate` judges: on xquad by paragraph, on medquad_niddk by document.

Two choices are made on a set by its nDCG@10. The best is the highest. The simplest is, of those that a paired bootstrap
over the documents cannot tell from the best (the 95 % interval of the difference holds 0), the one with the fewest
kinds of words, then with the fewest figures taken from the other candidates of the question, then with the weight
nearest to one half. Only what either reaches on the set that it was not chosen on is reported.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.retrieval_sets import DataSet, Encoder, Quality, Table, Values, interval, judged, ranks_of, read_set
from reference_impls.retrieval.lexical import LexicalIndex, stop_words
from reference_impls.texts.words import content_words

try:
    Stemmer = import_module("Stemmer")  # a peer for this script alone, so that nothing else asks for it
except ImportError:
    sys.exit("PyStemmer is what stemming is measured with; next: pip install PyStemmer==3.1.0")

DEPTH = 100
WEIGHTS = (0.3, 0.4, 0.5, 0.6, 0.7)


@dataclass(frozen=True)
class Words:
    """BM25 of one kind of words: scores [questions, chunks], and what no score of a question exceeds [questions, 1]."""

    scores: Table
    bound: Table


@dataclass(frozen=True)
class Option:
    """One way to fuse; `simplicity` compares two of them, the smaller the simpler."""

    words: str
    scale: str
    weight: float

    @property
    def simplicity(self) -> tuple[int, int, float]:
        return list(KINDS).index(self.words), FROM_CANDIDATES[self.scale], abs(self.weight - 0.5)

    def __str__(self) -> str:
        return f"{self.words}, {self.scale}, {self.weight:.1f}"


def _plain(words: list[str]) -> list[str]:
    return words


def _stems(words: list[str]) -> list[str]:
    stems: list[str] = Stemmer.Stemmer("english").stemWords(words)
    return stems


def _words_and_stems(words: list[str]) -> list[str]:
    return words + [f"{stem}_" for stem in _stems(words)]


def _words_and_pairs(words: list[str]) -> list[str]:
    return words + [f"{first}_{second}" for first, second in itertools.pairwise(words)]


KINDS: dict[str, Callable[[list[str]], list[str]]] = {
    "words": _plain,
    "stems": _stems,
    "words and stems": _words_and_stems,
    "words and pairs": _words_and_pairs,
}
FROM_CANDIDATES = {"absolute": 0, "by best": 2, "min-max": 4, "z-score": 4, "ranks": 2 * DEPTH}
"""How many figures of the other candidates enter the fused score of one: bests, leasts, means and deviations, ranks."""


def word_scores(data: DataSet, kind: str) -> Words:
    """BM25 of each question and chunk, by the index that ships, over one kind of words."""
    stopped = stop_words("english")
    made = KINDS[kind]
    index = LexicalIndex.build([" ".join(made(content_words(text, stopped))) for text in data.texts], "none")
    asked = [" ".join(made(content_words(question, stopped))) for question in data.questions]
    bounds = np.array([[index.bound(question)] for question in asked], dtype=np.float32)
    return Words(np.stack([index.scores(question) for question in asked]), bounds)


def fused(option: Option, words: Words, dense: Table) -> Table:
    """Fused scores [questions, chunks] of the candidates of both rankings, minus infinity for all others."""
    lexical_ranks, dense_ranks = ranks_of(words.scores), ranks_of(dense)
    found = (lexical_ranks <= DEPTH) & (words.scores > 0)
    candidates = found | (dense_ranks <= DEPTH)
    if option.scale == "ranks":
        lexical = np.where(found, 1 / (60 + lexical_ranks), 0)
        near = np.where(dense_ranks <= DEPTH, 1 / (60 + dense_ranks), 0)
    elif option.scale == "absolute":
        lexical = words.scores / np.where(words.bound > 0, words.bound, 1)
        near = dense
    else:
        lexical, near = (_scaled(scores, candidates, option.scale) for scores in (words.scores, dense))
    total = option.weight * near + (1 - option.weight) * lexical
    return np.where(candidates, total, -np.inf)


def _scaled(scores: Table, candidates: NDArray[np.bool_], scale: str) -> Table:
    inside = np.where(candidates, scores, np.nan)
    if scale == "by best":
        low, spread = 0, np.nanmax(inside, axis=1, keepdims=True)
    elif scale == "min-max":
        low = np.nanmin(inside, axis=1, keepdims=True)
        spread = np.nanmax(inside, axis=1, keepdims=True) - low
    else:
        low, spread = np.nanmean(inside, axis=1, keepdims=True), np.nanstd(inside, axis=1, keepdims=True)
    scaled: Table = (scores - low) / np.where(spread > 0, spread, 1)
    return scaled


def options() -> Iterator[Option]:
    """The family that is chosen from."""
    for words in KINDS:
        for scale in FROM_CANDIDATES:
            yield from (Option(words, scale, weight) for weight in WEIGHTS)


def choose(data: DataSet, qualities: dict[Option, Quality]) -> tuple[Option, Option, int]:
    """The best option by nDCG@10, the simplest that cannot be told from it, and how many cannot."""
    best = max(qualities, key=lambda option: float(qualities[option].ndcg.mean()))
    equal = [
        option
        for option, quality in qualities.items()
        if interval(qualities[best].ndcg - quality.ndcg, data.clusters)[0] <= 0
    ]
    return best, min(equal, key=lambda option: option.simplicity), len(equal)


def with_sentences(data: DataSet, chunks: Table, parts: Table) -> Table:
    """Dense scores of chunks: the mean of a chunk's own and that of the best of its sentences."""
    best = np.full_like(chunks, -1)
    starts = np.flatnonzero(np.r_[True, np.diff(data.owners) > 0])
    best[:, data.owners[starts]] = np.maximum.reduceat(parts, starts, axis=1)
    return (chunks + best) / 2


def _bracketed(values: Values, data: DataSet) -> str:
    low, high = interval(values, data.clusters)
    return f"[{low:+.4f}, {high:+.4f}]" if values.min() < 0 else f"[{low:.4f}, {high:.4f}]"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", action="store_true", help="also embeds every sentence (minutes)")
    parser.add_argument("--vectors", type=Path, help="folder in which embeddings are kept")
    return parser.parse_args()


def main() -> None:
    """Prints the table."""
    arguments = _arguments()
    root = os.environ.get("ADVISOR_DATA")
    if not root:
        sys.exit("ADVISOR_DATA names no folder; next: set it to the folder that holds xquad and medquad_niddk")
    encoder = Encoder(arguments.vectors)
    sets = [read_set(name, Path(root) / name) for name in ("xquad", "medquad_niddk")]
    asked = [encoder.rows(data.questions, questions=True) for data in sets]
    dense = [rows @ encoder.rows(data.texts).T for data, rows in zip(sets, asked, strict=True)]
    words = [{kind: word_scores(data, kind) for kind in KINDS} for data in sets]
    qualities = [
        {option: judged(data, fused(option, kinds[option.words], near)) for option in options()}
        for data, kinds, near in zip(sets, words, dense, strict=True)
    ]
    shown = Option("words", "absolute", 0.5)
    for data, kinds, near, found in zip(sets, words, dense, qualities, strict=True):
        print(f"\n{data.name}: {len(data.texts)} chunks, {len(data.questions)} questions    hit@1   MRR     nDCG@10")
        print(f"  {'BM25 alone':<36}{judged(data, kinds['words'].scores)}")
        print(f"  {'embeddings alone':<36}{judged(data, near)}")
        for scale in FROM_CANDIDATES:
            print(f"  {(option := Option('words', scale, 0.5))!s:<36}{found[option]}")
        for kind in list(KINDS)[1:]:
            print(f"  {(option := Option(kind, 'absolute', 0.5))!s:<36}{found[option]}")
    for here, there in ((1, 0), (0, 1)):
        best, simplest, equal = choose(sets[here], qualities[here])
        print(f"\nchosen on {sets[here].name} ({equal} of {len(qualities[here])} not told from the best)")
        print(f"  {'reported on ' + sets[there].name:<46}hit@1   MRR     nDCG@10  95 % of hit@1")
        for label, option in (("best", best), ("simplest", simplest)):
            quality = qualities[there][option]
            print(f"  {f'{label}: {option}':<46}{quality}   {_bracketed(quality.hit, sets[there])}")
    if arguments.sentences:
        print("\nsentence vectors beside those of chunks, " + str(shown))
        for data, kinds, near, rows, found in zip(sets, words, dense, asked, qualities, strict=True):
            both = with_sentences(data, near, rows @ encoder.rows(data.sentences).T)
            quality = judged(data, fused(shown, kinds["words"], both))
            print(f"  {data.name:<44}{quality}")
            for name, new, old in (
                ("hit@1", quality.hit, found[shown].hit),
                ("nDCG@10", quality.ndcg, found[shown].ndcg),
            ):
                print(f"    {name} gains {(new - old).mean():+.4f} {_bracketed(new - old, data)}")
            print(f"    {1 + len(data.sentences) / len(data.texts):.1f} vectors a chunk instead of 1")


if __name__ == "__main__":
    main()
