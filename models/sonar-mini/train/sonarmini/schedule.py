"""What a run is made of, by step: the learning rate and what the batches hold."""

from dataclasses import dataclass

import numpy as np

SEED = 20261127
STEPS = 10_000
WARM_UP = 200
DECAY_FROM = 6_000
"""The rate is constant up to here, then falls to zero on a straight line. A run can be continued with a later decay."""

MICRO_BATCHES = 2
"""A step's gradient is the mean over these, whatever the number of processes."""
MICRO_BATCH_TOKENS = 3_000
"""Encoder tokens, padding included, in each."""

MATRIX_RATE = 2.5e-3
OTHER_RATE = 2.0e-3
MATRIX_DECAY = 0.01
EMBEDDING_DECAY = 0.1
"""Weight decay on the embeddings keeps them from outgrowing the positions, which are added to them as they are."""

AVERAGE_EVERY = 10
AVERAGE_SHARE = 0.03
"""Every so many steps the running average of the weights, which is what is exported, moves by this share."""

LANGUAGE_PULL = 0.2
"""Weight of the squared distance between translations, relative to the variance of the embeddings."""
CENTROID_SHARE = 0.02
MARK = 4.0
"""Loss weight of the tokens that say something in a row of fillers: `</s>` and each that differs from the one before."""


@dataclass(frozen=True)
class Mixture:
    """Shares of the encoder's tokens by kind, and how long the made-up rows are."""

    sentences: float
    filled: float
    random_words: float
    spliced: float
    disturbed: float
    short_filled: float
    """The share of the filler rows that have at most `short_length` tokens; the others have 1 to 32."""
    short_length: int
    random_length: int
    noise: float
    """The largest standard deviation of the noise added to embeddings, relative to theirs."""
    offset: bool
    """Whether translations are pulled together fully, or up to a constant difference between the languages."""


MIXTURES = (
    (0, Mixture(0.50, 0.20, 0.16, 0.07, 0.07, 0.70, 8, 4, 0.10, True)),
    (800, Mixture(0.44, 0.22, 0.18, 0.09, 0.07, 0.55, 10, 6, 0.06, False)),
    (1_600, Mixture(0.40, 0.21, 0.18, 0.12, 0.09, 0.35, 12, 8, 0.05, False)),
    (3_000, Mixture(0.36, 0.26, 0.16, 0.13, 0.09, 0.25, 12, 10, 0.04, False)),
    (DECAY_FROM, Mixture(0.38, 0.25, 0.15, 0.13, 0.09, 0.20, 12, 10, 0.03, False)))
"""From which step on. Binding words to positions is learned on short rows first."""


def mixture(step):
    return next(mix for start, mix in reversed(MIXTURES) if step >= start)


def rate(step):
    """The learning rate as a share of its largest value."""
    return float(np.interp(step + 1, (0, WARM_UP, DECAY_FROM, STEPS), (0, 1, 1, 0)))
