"""Whether tuning made a model forget: how well it foretells ordinary texts, before and after."""

import math
from collections.abc import Sequence

from ..labelled_data.base import Advance
from .chat import Encoded
from .writer import CausalWriter

GENERAL_TEXTS = (
    "The river rises in the hills to the north and reaches the sea after three hundred kilometres. In spring, when the "
    "snow melts, it floods the meadows along its lower course, and for two or three weeks the villages can be reached "
    "by boat alone.",
    "Heat the oil in a wide pan, add the onions and a pinch of salt, and let them soften over a low flame for ten "
    "minutes without browning. Then stir in the rice, pour in the broth little by little, and wait each time until the "
    "grains have taken it up.",
    "A right-angled triangle has one angle of ninety degrees. The square over its longest side is as large as the "
    "squares over the two shorter sides together, so from any two sides the third can be found.",
    "def mean(values):\n    # The arithmetic mean of a list that is not empty.\n    total = 0\n"
    "    for value in values:\n        total += value\n    return total / len(values)\n",
    "She had not expected anyone at the station. When the train stopped she saw her brother at the end of the "
    "platform, his hat in his hand, looking into every window but hers.",
    "The council voted on Tuesday to reopen the old swimming pool. Repairs will take until autumn and cost about a "
    "third less than a new building; two members voted against it because the access road is too narrow for buses.",
    "Plants take up water through their roots and carbon dioxide through small openings in their leaves. With the "
    "energy of sunlight they make sugar from both, and oxygen is left over, which they give back to the air.",
    '"Have you ever mended a clock?" asked the old man. "Never," said the boy, "but I have taken one apart." The man '
    'laughed. "Then you know half of the trade already."',
    "Dear Sir or Madam, I am writing about the invoice that reached me last week. The amount includes a delivery in "
    "March that I cancelled in time, as the enclosed letter shows. Please send me a corrected invoice.",
    "The first half was even, but after the break the visitors pressed higher and won the ball again and again in "
    "midfield. Both goals came from the left; the second, ten minutes before the end, settled the match.",
    "A bicycle chain should be cleaned every few hundred kilometres. Turn the pedals backwards, hold a cloth around "
    "the chain, put one drop of oil on each link, and wipe off whatever stays on the outside.",
    "Copper conducts electricity better than iron and does not rust, which is why most cables are made of it. "
    "Aluminium conducts less well, but it weighs only a third as much, so lines over land are usually aluminium.",
)
"""A dozen short texts of many kinds that have nothing to do with the data; written for this purpose."""


def perplexity(model: CausalWriter, texts: Sequence[str] = GENERAL_TEXTS, advance: Advance = lambda _: None) -> float:
    """The exponential of the mean negative log-likelihood of a token, over all texts together; lower is better.

    Only models with the same tokenizer can be compared by it. A tuned model whose value rises much above that of its
    base has forgotten some of what it knew.

    Args:
        model: With an adapter or without.
        texts: As they are, without a chat template; what does not fit into the model's window is cut.
        advance: Hears how many more texts are done.
    """
    items = [Encoded(model.chat.plain_text(text)[: model.window], 1) for text in texts]
    sums, counts = model.token_losses([item for item in items if item.response > 0], advance)
    mean = float(sums.sum() / max(1, counts.sum()))
    return math.exp(min(mean, 700.0))
