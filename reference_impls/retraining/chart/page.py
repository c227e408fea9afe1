"""The page of a replay: the choice and its reasons, the metric by window, the costs, and a table of everything."""

from collections.abc import Iterator, Sequence
from html import escape

from ...replay.chart import chart
from ...replay.chosen import Choice
from ...replay.results import Played, Replayed
from .drawing import Bar, Line, Role, bars_svg, lines_svg
from .scales import number
from .style import STYLE

_HEAD = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
)
_COLUMNS = (
    "policy",
    "{metric}",
    "95 % interval",
    "cost",
    "of errors",
    "labels",
    "retrains",
    "age of the model",
    "cpu s",
)


def replay_page(replayed: Replayed, choice: Choice, title: str) -> str:
    """One HTML file that shows a replay, in light and dark, without a script and without anything from elsewhere.

    Args:
        replayed: The replay.
        choice: What was chosen from it.
        title: Names the history, for example its file.
    """
    return "".join(
        (
            f"{_HEAD}<title>{escape(f'Replay of {title}')}</title><style>{STYLE}</style></head><body><main>",
            f"<h1>{escape(f'Replay of {title}')}</h1>",
            *_verdict(choice),
            *_by_window(replayed, choice),
            *_costs(replayed, choice),
            *_table(replayed, choice),
            *_grounds(replayed, choice),
            "</main></body></html>\n",
        )
    )


def _verdict(choice: Choice) -> Iterator[str]:
    told = "Do not retrain" if choice.do_not_retrain else choice.policy
    every = "" if choice.do_not_retrain else f" <small>{escape(choice.every)}</small>"
    yield f'<section class="verdict"><h2>{escape(told)}{every}</h2>'
    yield f"<p>{escape(choice.why)}</p></section>"


def _by_window(replayed: Replayed, choice: Choice) -> Iterator[str]:
    better = "higher is better" if replayed.metric == "accuracy" else "lower is better"
    lines = [
        Line(
            each.name,
            _role(each, replayed, choice),
            [window.metric for window in each.by_window],
            [place for place, window in enumerate(each.by_window) if window.retrained],
        )
        for each in replayed.policies
    ]
    names = [window.name for window in replayed.windows]
    yield f"<section><h2>{escape(_metric(replayed))} by window</h2>"
    yield (
        "<p>Every window is predicted before anything of it is learnt; dots mark the windows before which the chosen "
        "policy trained.</p>"
    )
    yield lines_svg(
        f"{_metric(replayed)} of each policy by window, {better}", lines, names, f"{_metric(replayed)} ({better})"
    )
    yield "</section>"


def _costs(replayed: Replayed, choice: Choice) -> Iterator[str]:
    points = {point.policy: point for point in chart(replayed, choice).points}
    ordered = sorted(replayed.policies, key=lambda each: each.cost.total)
    prices = replayed.prices
    unit = "wrong row" if replayed.task == "classification" else "unit of absolute error"
    yield "<section><h2>Cost over the replayed windows</h2>"
    yield (
        f"<p>{escape(number(prices.error))} a {unit}, {escape(number(prices.label))} a label, "
        f"{escape(number(prices.retrain))} a retraining, {escape(number(prices.compute_hour))} an hour of a core "
        "(section replay of config.yaml). Lines across the ends are 95 % intervals.</p>"
    )
    costs = [
        Bar(
            each.name,
            _role(each, replayed, choice),
            each.cost.total,
            number(each.cost.total),
            points[each.name].cost_interval,
        )
        for each in ordered
    ]
    yield bars_svg("Cost of each policy, cheapest first", costs)
    metric = _metric(replayed)
    yield f"</section><section><h2>{escape(f'{metric[0].upper()}{metric[1:]} over all windows')}</h2>"
    metrics = [
        Bar(each.name, _role(each, replayed, choice), each.metric, _three(each.metric), each.interval)
        for each in ordered
    ]
    yield bars_svg(f"{metric} of each policy with its 95 % interval", metrics)
    yield "</section><section><h2>Age of the model, in windows</h2>"
    ages = [Bar(each.name, _role(each, replayed, choice), each.staleness, f"{each.staleness:.1f}") for each in ordered]
    yield bars_svg("Mean age of the newest row that the model of each policy had learnt from, in windows", ages)
    yield "</section>"


def _table(replayed: Replayed, choice: Choice) -> Iterator[str]:
    yield '<section><h2>All policies</h2><div class="wide"><table><thead><tr>'
    for column in _COLUMNS:
        yield f'<th scope="col">{escape(column.format(metric=_metric(replayed)))}</th>'
    yield "</tr></thead><tbody>"
    for each in sorted(replayed.policies, key=lambda each: each.cost.total):
        yield f'<tr class="{_role(each, replayed, choice)}"><th scope="row">{escape(each.name)}</th>'
        yield from (f"<td>{escape(cell)}</td>" for cell in _cells(each))
        yield "</tr>"
    yield "</tbody></table></div></section>"


def _cells(each: Played) -> Sequence[str]:
    low, high = each.interval
    age = f"{each.staleness:.1f}"
    if each.staleness_days is not None:
        age += f" ({each.staleness_days:.0f} days)"
    return (
        _three(each.metric),
        f"{_three(low)} to {_three(high)}",
        number(each.cost.total),
        number(each.cost.errors),
        f"{each.new_labels:,}",
        f"{each.retrains:,}",
        age,
        f"{each.new_seconds:.1f}",
    )


def _three(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 10 else number(value)


def _grounds(replayed: Replayed, choice: Choice) -> Iterator[str]:
    told = [*choice.reasons, replayed.freshness.why, choice.optimism.why, *replayed.notes]
    yield "<section><h2>What this rests on</h2><ul>"
    yield from (f"<li>{escape(line)}</li>" for line in dict.fromkeys(told) if line)
    yield "</ul><p>"
    yield escape(
        f"{len(replayed.windows)} windows, {sum(window.scored for window in replayed.windows):,} judged rows, first "
        f"model from {replayed.first_rows:,} labelled rows, kind of model: {replayed.model}, data "
        f"{replayed.data_sha256[:12]}."
    )
    yield "</p></section>"


def _role(each: Played, replayed: Replayed, choice: Choice) -> Role:
    if each.name == choice.policy:
        return "chosen"
    if each.kind == "never":
        return "never"
    sign = -1 if replayed.metric == "accuracy" else 1
    best = min(replayed.policies, key=lambda other: sign * other.metric)
    return "best" if each.name == best.name else "other"


def _metric(replayed: Replayed) -> str:
    return "accuracy" if replayed.metric == "accuracy" else "mean absolute error"
