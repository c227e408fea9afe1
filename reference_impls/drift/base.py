"""What a look for drift finds: frozen documents of the schema `drift/1`."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal["number", "category", "text"]
Aspect = Literal["values", "length", "words"]
Size = Literal["stable", "moderate", "major"]
Verdict = Literal["drift", "none", "cannot be told"]
Interval = tuple[float, float]


class Frozen(BaseModel):
    """Base of the results."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Shift(Frozen):
    """How far the distribution of one column (or of the labels, or of the predictions) has moved.

    Attributes:
        column: Its name; `target` for labels, `prediction` for predictions.
        kind: What it holds.
        aspect: Its values; of a text its length in characters, or the frequencies of its words.
        reference_rows: Rows of the reference that were compared; missing values count as a value of their own.
        current_rows: Rows that were compared with them.
        reference_missing: Share of missing values in the reference, in [0, 1].
        current_missing: The same of the current rows.
        psi: Population stability index, in nats; see `psi.index`.
        psi_chance: What the index stays below in 95 of 100 cases where nothing has changed, at these numbers of rows
            and with neighbouring rows as alike as these are; None where the rows hold too few separate stretches.
        statistic: Kolmogorov-Smirnov (ordered values) or chi-square (categories, words).
        value: The largest difference of the two distribution functions, in [0, 1]; or chi-square divided by the rows
            that both sides together are worth (n m / (n + m)).
        p: How often a difference as large comes about by chance, from permuted blocks of rows; None where the rows
            hold too few separate stretches to tell.
        p_if_independent: What the textbook test gives, which takes all rows as independent. For comparison alone.
        corrected_p: p after correction for all columns, questions and comparisons; to be held against the level.
        memory: Rows after which the column has forgotten its value: the integrated autocorrelation time.
        block: Rows of a block of the permutation.
        shifted: Whether the corrected p is at most the level.
        size: How far it has moved: by the index and the two thresholds, `stable` where it is not shifted.
        unseen: Values of a category that the reference does not have, the commonest first, ten at most.
        unseen_rows: Current rows with any of these.
    """

    column: str
    kind: Kind
    aspect: Aspect
    reference_rows: int
    current_rows: int
    reference_missing: float
    current_missing: float
    psi: float
    psi_chance: float | None
    statistic: Literal["ks", "chi-square"]
    value: float
    p: float | None
    p_if_independent: float
    corrected_p: float | None
    memory: float
    block: int
    shifted: bool
    size: Size
    unseen: tuple[str, ...] = ()
    unseen_rows: int = 0


class Together(Frozen):
    """The classifier two-sample test: whether a classifier can tell reference rows from current rows by all columns.

    Attributes:
        auc: Area under its ROC curve on held-out rows; 0.5 where nothing tells them apart.
        interval: Its 95 % interval.
        rows: Held-out rows.
        p: How often chance gives as large an area, from permuted blocks of held-out rows.
        corrected_p: After correction for all questions and comparisons.
        block: Rows of a block.
        shifted: Whether the corrected p is at most the level.
        size: By `2 z(auc)^2`, the index (see `psi.from_area`) of two normal distributions that are told apart so well.
        left_out: Columns that change too slowly to be judged at this length of window.
    """

    auc: float
    interval: Interval
    rows: int
    p: float
    corrected_p: float
    block: int
    shifted: bool
    size: Size
    left_out: tuple[str, ...]


class Performance(Frozen):
    """How right the predictions of labelled rows are, beside those of the reference.

    Attributes:
        metric: `accuracy`, or `mae` in the units of the target.
        reference: Its value in the reference.
        current: Its value in the current rows.
        reference_rows: Rows with a prediction and a known label in the reference.
        current_rows: The same of the current rows.
        p: One-sided: how often chance makes the current rows as much worse, from permuted blocks of rows, or where
            these are too few from a t test that counts the rows for as many as are independent; None where that is
            too few as well.
        corrected_p: After correction for all questions and comparisons.
        lost: By how much it is worse, in standard deviations of the scores of the reference, or half of those of the
            current rows where these are larger; 0 where it is not worse.
        memory: As in `Shift`, of the errors.
        block: Rows of a block.
        shifted: Whether the predictions have become worse: the corrected p is at most the level.
        size: By the square of `lost`, the index of two normal distributions that lie so far apart.
    """

    metric: Literal["accuracy", "mae"]
    reference: float
    current: float
    reference_rows: int
    current_rows: int
    p: float | None
    corrected_p: float | None
    lost: float
    memory: float
    block: int
    shifted: bool
    size: Size


class Drift(Frozen):
    """One comparison of current rows with reference rows.

    Attributes:
        schema_version: `drift/1`.
        reference_rows: Rows of the reference.
        current_rows: Rows that were compared with it.
        level: Probability of the verdict `drift` where nothing has changed, over all comparisons together.
        comparisons: This one has one so-manieth of the level.
        columns: One entry for each column, two for a text; in the order of the columns.
        together: None where it was switched off, or the rows are too few.
        labels: None where too few labels are known.
        predictions: None where none were given.
        performance: None where none were given, or too few labels are known.
        verdict: `drift` where anything is shifted (and as far as the setting `smallest` asks); `cannot be told` where
            nothing could be judged, or predictions and labels are there and the errors could not; else `none`.
        size: The largest of what is shifted.
        why: The verdict in a sentence.
        remarks: What else is to be known, such as columns that could not be judged.
    """

    schema_version: Literal["drift/1"] = "drift/1"
    reference_rows: int
    current_rows: int
    level: float
    comparisons: int
    columns: tuple[Shift, ...]
    together: Together | None
    labels: Shift | None
    predictions: Shift | None
    performance: Performance | None
    verdict: Verdict
    size: Size
    why: str
    remarks: tuple[str, ...]


class WindowDrift(Frozen):
    """One window of a history.

    Attributes:
        window: Its number, from 1.
        name: How it is told to people.
        begins: Its first moment, on the scale of the history.
        drift: Its comparison with the reference.
    """

    window: int
    name: str
    begins: float
    drift: Drift


class Since(Frozen):
    """Where and how far something has moved, over the windows of a history.

    Attributes:
        what: A column, or `all columns together`, `target`, `prediction`, `accuracy`, `mae`.
        aspect: As in `Shift`; `values` where it is no column.
        first: Number of the first window in which it is shifted.
        since: Name of that window.
        windows: Numbers of all windows in which it is shifted.
        largest_psi: Largest index (or what stands for it) over the windows in which it is shifted.
        size: The same in a word.
    """

    what: str
    aspect: Aspect
    first: int
    since: str
    windows: tuple[int, ...]
    largest_psi: float
    size: Size


class Watched(Frozen):
    """A history, window by window, judged as one family of tests.

    Attributes:
        schema_version: `drift/1`.
        level: Probability that any window is called drift where nothing ever changes.
        reference: Names of the windows that the first comparison is made with.
        windows: The windows that were compared, in the order of time.
        since: What has moved, largest first.
        verdict: `drift` where any window has it, else `cannot be told` where any window says so.
        first: Number of the first window with drift; None without.
        why: The verdict in a sentence.
        remarks: What holds for many windows, said once.
    """

    schema_version: Literal["drift/1"] = "drift/1"
    level: float
    reference: tuple[str, ...]
    windows: tuple[WindowDrift, ...]
    since: tuple[Since, ...]
    verdict: Verdict
    first: int | None
    why: str
    remarks: tuple[str, ...]


class Measured(Frozen):
    """Performance in one window.

    Attributes:
        window: Its number, from 1.
        name: How it is told to people.
        metric: `accuracy`, or `mae` in the units of the target.
        value: None where no row has both a prediction and a known label.
        interval: The 95 % interval, with neighbouring rows as alike as these are; None where the rows are too few.
        rows: Rows with a prediction and a known label.
        labelled: Share of the window's rows whose label is known, in [0, 1].
    """

    window: int
    name: str
    metric: Literal["accuracy", "mae"]
    value: float | None
    interval: Interval | None
    rows: int
    labelled: float
