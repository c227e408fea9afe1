"""The kinds of faiss index: which one fits how many rows, how each is made, and how each is searched under a mask.

Everything is built on one thread from fixed seeds: the same vectors give the same index.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import numpy as np

from ..project_base.optional import require
from .base import Mask, Positions, Vectors
from .settings import Settings

Kind = Literal["flat", "hnsw", "ivf_pq"]

_SMALLEST_IVF_PQ = 9_984
"""faiss asks for 39 vectors to train each of the 256 centres of a product quantiser."""
_BITS = 8
_POINTS_A_CENTRE = 64
_ITERATIONS = 10
"""Training on more points, or for longer, takes minutes and moves the recall by less than the choice of nprobe does."""


def load_faiss() -> Any:
    """The library.

    Raises:
        UserError: It is not installed.
    """
    return require("faiss", "faiss-cpu>=1.9")


def kind_for(rows: int, settings: Settings) -> Kind:
    """The kind of index for so many rows; too few to train `ivf_pq` on are kept flat."""
    wanted = settings.index
    if wanted == "auto":
        wanted = "ivf_pq" if rows >= settings.ivf_pq_from else "hnsw" if rows >= settings.hnsw_from else "flat"
    return "flat" if wanted == "ivf_pq" and rows < _SMALLEST_IVF_PQ else wanted


def make_index(vectors: Vectors, settings: Settings) -> Any | None:
    """A faiss index over float32 [n, dimension], of the kind that `kind_for` names; None is flat.

    Comparing all rows needs no index: faiss's own flat search takes as long as one product in numpy (0.9 to 1.2 times,
    1,000 to 100,000 rows of 384) and leaves open which of equal scores comes first.
    """
    rows, dimension = vectors.shape
    kind = kind_for(rows, settings)
    if kind == "flat":
        return None
    faiss = load_faiss()
    if kind == "hnsw":
        # Half precision halves what a walk reads; the exact vectors put what it finds in order.
        half = faiss.ScalarQuantizer.QT_fp16
        index = faiss.IndexHNSWSQ(dimension, half, settings.hnsw_m, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = settings.hnsw_ef_construction
    else:
        index = _empty_ivf_pq(faiss, rows, dimension)
    with _one_thread(faiss):
        if not index.is_trained:
            index.train(vectors)
        index.add(vectors)
    return index


def kind_of(index: Any) -> Kind | None:
    """The kind of an index that was read from a file; None is one that no `make_index` made."""
    faiss = load_faiss()
    if index.metric_type != faiss.METRIC_INNER_PRODUCT:
        return None
    kinds: dict[type, Kind] = {faiss.IndexHNSWSQ: "hnsw", faiss.IndexIVFPQ: "ivf_pq"}
    return kinds.get(type(index))


def exact_is_cheaper(index: Any, visible: int, candidates: int, settings: Settings) -> bool:
    """Whether comparing the visible rows one by one costs less than a search for so many candidates.

    A graph is walked over visible and hidden rows alike, so that a share of 1/s visible rows needs s times the breadth
    for the same recall: about s * breadth * m comparisons, against `visible` of them. Cells are read whole.
    """
    if kind_of(index) == "hnsw":
        breadth = max(settings.hnsw_ef_search, candidates)
        return visible * visible <= breadth * settings.hnsw_m * int(index.ntotal)
    return visible <= candidates or visible * int(index.nlist) <= _nprobe(index, settings) * int(index.ntotal)


def nearest(index: Any, query: Vectors, count: int, visible: Mask | None, settings: Settings) -> Positions:
    """The rows that the index takes to be nearest, in no order; fewer than `count` where it found no more.

    Args:
        index: What `make_index` made.
        query: float32 [dimension].
        count: How many, at most the visible rows.
        visible: bool [n], or None for all.
        settings: `hnsw_ef_search` and `ivf_nprobe`.
    """
    faiss = load_faiss()
    share = 1.0 if visible is None else np.count_nonzero(visible) / len(visible)
    # faiss keeps no reference of its own to the bits, so this name must outlive the search.
    bits = None if visible is None else np.packbits(visible, bitorder="little")
    chosen: dict[str, Any] = {} if bits is None else {"sel": faiss.IDSelectorBitmap(bits)}
    if kind_of(index) == "hnsw":
        breadth = max(settings.hnsw_ef_search, count)
        parameters = faiss.SearchParametersHNSW(efSearch=math.ceil(breadth / share), **chosen)
    else:
        cells = min(math.ceil(_nprobe(index, settings) / share), index.nlist)
        parameters = faiss.SearchParametersIVF(nprobe=cells, **chosen)
    _, positions = index.search(query[np.newaxis, :], count, params=parameters)
    found: Positions = positions[0][positions[0] >= 0]
    return found


def _empty_ivf_pq(faiss: Any, rows: int, dimension: int) -> Any:
    cells = 2 * math.isqrt(rows)
    # Four numbers to a byte of code: a sixteenth of float32. Rescoring makes up for what that loses.
    codes = next(size for size in range(max(dimension // 4, 1), 0, -1) if dimension % size == 0)
    index = faiss.IndexIVFPQ(faiss.IndexFlatIP(dimension), dimension, cells, codes, _BITS, faiss.METRIC_INNER_PRODUCT)
    index.cp.spherical = True
    for training in (index.cp, index.pq.cp):
        training.niter = _ITERATIONS
        training.max_points_per_centroid = _POINTS_A_CENTRE
    return index


def _nprobe(index: Any, settings: Settings) -> int:
    return min(settings.ivf_nprobe or math.ceil(index.nlist / 8), int(index.nlist))


@contextmanager
def _one_thread(faiss: Any) -> Iterator[None]:
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
