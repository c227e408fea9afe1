"""Everyday sentences, each said twice in other words: they show whether a text encoder still tells meanings apart.

Written for this purpose; none of it has to do with the data that models here are trained on. An encoder is asked, for
each sentence, which of all second versions means the same; chance would be right once in 72 times, all-MiniLM-L6-v2 is
in 61 of 72 cases, so that there is something to lose.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

PAIRS: tuple[tuple[str, str], ...] = (
    ("The train was an hour late.", "We arrived sixty minutes behind schedule."),
    ("She is allergic to nuts.", "Peanuts make her ill."),
    ("It rained the whole weekend.", "Saturday and Sunday were wet all day."),
    ("He sold his old car.", "His former vehicle has a new owner."),
    ("The shop closes at six.", "After six o'clock you cannot buy anything there."),
    ("My knee hurts when I run.", "Jogging gives me pain in the leg."),
    ("The soup needs more salt.", "This broth tastes bland."),
    ("They painted the kitchen yellow.", "The walls where we cook have the colour of lemons now."),
    ("The baby slept through the night.", "The infant did not wake once before morning."),
    ("I lost my keys at the beach.", "My keys must be lying somewhere in the sand."),
    ("The teacher praised his essay.", "His composition was commended in class."),
    ("Milk is cheaper than last year.", "The price of milk has fallen since then."),
    ("The dog is afraid of thunder.", "Storms frighten our pet."),
    ("Please turn the music down.", "Could you lower the volume?"),
    ("The lift is out of order.", "You have to take the stairs, the elevator is broken."),
    ("He quit smoking in March.", "Since spring he has not touched a cigarette."),
    ("The museum is free on Sundays.", "No admission is charged at the end of the week."),
    ("Our flight was cancelled because of fog.", "Bad visibility kept the plane on the ground."),
    ("She plays the violin in an orchestra.", "She is a string player in a large ensemble."),
    ("The bridge is being repaired.", "Workers are mending the crossing over the river."),
    ("I prefer tea to coffee.", "Given the choice I would rather have tea."),
    ("The company dismissed forty people.", "Dozens of employees lost their jobs."),
    ("The lake froze in January.", "Ice covered the water at the beginning of the year."),
    ("He cannot swim.", "In deep water he would drown."),
    ("The concert was sold out.", "There were no tickets left for the show."),
    ("My grandmother grew up on a farm.", "My father's mother spent her childhood among cows and fields."),
    ("The battery lasts two days.", "It has to be charged every other day."),
    ("The jury found him guilty.", "He was convicted."),
    ("The path is too steep for bicycles.", "You cannot ride up there on two wheels."),
    ("She speaks four languages.", "She can hold a conversation in German, Greek, Polish and Thai."),
    ("The milk has gone sour.", "Do not drink it, it has turned."),
    ("Water boils at a lower temperature in the mountains.", "At high altitude less heat is needed for boiling."),
    ("He apologised to his sister.", "He told her that he was sorry."),
    ("The thief got in through the window.", "The burglar had climbed in from outside."),
    ("We planted an apple tree.", "There is a young fruit tree in our garden now."),
    ("The patient is recovering well.", "The sick man gets better every day."),
    ("The printer is out of paper.", "Somebody should put new sheets into the machine."),
    ("They married last summer.", "Their wedding was in July."),
    ("The road was blocked by a fallen tree.", "A trunk lay across the street."),
    ("The match ended in a draw.", "Neither side won."),
    ("She forgot her umbrella in the bus.", "Her umbrella travelled on without her."),
    ("Prices rose by three per cent.", "Everything costs a little more now."),
    ("The river burst its banks.", "Water flooded the fields beside the stream."),
    ("He writes with his left hand.", "He is no right-hander."),
    ("The oven is still hot.", "Take care not to burn yourself on the stove."),
    ("I have read this book twice.", "It was the second time that I finished the novel."),
    ("The children are playing outside.", "The kids are having fun in the yard."),
    ("Her speech was far too long.", "The audience waited impatiently for her to finish."),
    ("The cat sleeps on the sofa.", "Our pet is napping on the couch."),
    ("The hotel was fully booked.", "No room was left for the night."),
    ("The sun rises in the east.", "In the morning light comes from the opposite of west."),
    ("He was late because the alarm did not ring.", "He overslept."),
    ("The pharmacy is next to the bank.", "You get medicine right beside the place with the cash machine."),
    ("The glue needs an hour to dry.", "Wait sixty minutes until it holds."),
    ("The roof leaks.", "Rain drips through the ceiling."),
    ("We ran out of petrol.", "The tank was empty."),
    ("The exam was easier than expected.", "The test turned out not to be difficult."),
    ("The plant needs little water.", "It is enough to pour once a month."),
    ("She broke her arm while skiing.", "A fall on the slope ended with a fracture."),
    ("The neighbours complained about the noise.", "The people next door found us too loud."),
    ("The letter never arrived.", "The post must have lost it."),
    ("He earns more than his boss.", "His salary is higher than that of his superior."),
    ("The ice cream melted.", "My dessert turned liquid in the heat."),
    ("The candidate withdrew.", "She no longer stands for election."),
    ("You may not park here.", "Leaving your car in this place is forbidden."),
    ("The film made me cry.", "I was in tears at the cinema."),
    ("The tap drips all night.", "The faucet does not close properly."),
    ("He has a sweet tooth.", "He loves cake and chocolate."),
    ("The meeting was moved to Thursday.", "We meet three days after Monday instead."),
    ("The wine goes well with fish.", "Drink this one with your trout."),
    ("The car needs new brakes.", "It does not stop as quickly as it should."),
    ("They live on the fifth floor.", "Their flat is high up in the building."),
)


def paraphrases_found(encoder: Any, reader: Any, pooling: str) -> list[float]:
    """For each pair 1.0 where the nearest of all paraphrases is that of the sentence, else 0.0.

    Args:
        encoder: A transformer of AutoModel, with an adapter or without.
        reader: Tokenises for it.
        pooling: How vectors of tokens become one of the sentence.
    """
    sentences = sentence_vectors(encoder, reader, pooling, [sentence for sentence, _ in PAIRS])
    paraphrases = sentence_vectors(encoder, reader, pooling, [paraphrase for _, paraphrase in PAIRS])
    nearest = (sentences @ paraphrases.T).argmax(axis=1)
    return [float(place == found) for place, found in enumerate(nearest.tolist())]


def sentence_vectors(encoder: Any, reader: Any, pooling: str, texts: Sequence[str]) -> NDArray[np.float32]:
    """Vectors of short texts, float32 [n, width], rows of length 1; in evaluation mode, as it was before afterwards."""
    import torch  # noqa: PLC0415 -- heavy

    from .network import Pool  # noqa: PLC0415 -- heavy

    inputs = reader.inputs(reader.read(texts).tokens)
    device = next(encoder.parameters()).device
    pool = Pool([pooling], encoder.config.num_hidden_layers, normalised=True)
    training = encoder.training
    encoder.eval()
    with torch.inference_mode():
        mask = inputs["attention_mask"].to(device)
        hidden = encoder(input_ids=inputs["input_ids"].to(device), attention_mask=mask).last_hidden_state
        vectors: NDArray[np.float32] = pool((hidden,), mask).cpu().numpy()
    encoder.train(training)
    return vectors
