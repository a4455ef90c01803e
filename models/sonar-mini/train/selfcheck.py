"""Checks the pipeline on a small corpus in a few minutes: data, sequences, batches, exact resumption, export.

usage: selfcheck.py
"""

import json
import pathlib
import tempfile

import numpy as np
import torch

from make_model import make_data
from sonarmini import french, schedule, spanish
from sonarmini.batches import LENGTHS, Batches
from sonarmini.check import check
from sonarmini.corpus import handwritten
from sonarmini.export import export
from sonarmini.lexicon import ADJECTIVES, NOUNS
from sonarmini.network import Autoencoder
from sonarmini.noun_phrase import NounPhrase, spanish_after
from sonarmini.run import shared_memory
from sonarmini.tokenizer import load_tokenizer, token_ids
from sonarmini.trainer import Trainer
from sonarmini.vocabulary import EOS, LANGUAGE_TOKENS, PAD

TRIPLES = 20_000
STEPS = 4


def trainer(folder):
    torch.manual_seed(0)
    return Trainer(folder, shared_memory(1), 0, 1, lambda: None, "cpu")


def words_agree(_):
    assert spanish.past("llegar")[0] == "llegué" and spanish.present("dormir", "ue")[3] == "dormimos"
    assert spanish.plural("lápiz") == "lápices" and spanish.plural("avión") == "aviones"
    assert french.conjugated("manger")[0][3] == "mangeons" and french.plural("journal") == "journaux"
    assert french.elided("je ne aime pas le ami si il parle".split()) == "je n'aime pas l'ami s'il parle"
    water = next(noun for noun in NOUNS if noun.english[0] == "water")
    phrase = NounPhrase(noun=water, adjective=next(a for a in ADJECTIVES if a.english == "cold"))
    assert spanish_after("de", phrase) == ["del", "agua", "fría"] and phrase.french() == ["la", "eau", "froide"]


def what_is_held_out_is_not_trained_on(work):
    batches, processor = Batches(work), load_tokenizer(work)
    texts = [*json.loads((work / "held_out.json").read_text()), *handwritten()]
    for side in range(3):
        starts, flat = batches.starts[side], batches.flat[side]
        trained = {flat[a:b].astype(np.int64).tobytes() for a, b in zip(starts, starts[1:])}
        for triple in texts:
            row = np.array(token_ids(processor, triple[side]))
            assert row.tobytes() not in trained, triple[side]


def a_batch_depends_on_its_number_alone(work):
    one, other = Batches(work), Batches(work)
    other.batch(3, 1)
    first, second = one.batch(7, 0), other.batch(7, 0)
    assert all(torch.equal(getattr(first, n), getattr(second, n)) for n in ("source", "prompt", "target", "kind"))


def rows_are_framed_and_as_long_as_their_bucket(work):
    batches = Batches(work)
    for step in range(40):
        batch = batches.batch(step, 0)
        for rows in (batch.source, batch.target):
            lengths = (rows != PAD).sum(1)
            assert set(rows[:, 0].tolist()) <= set(LANGUAGE_TOKENS)
            assert (rows[torch.arange(len(rows)), lengths - 1] == EOS).all()
            assert (rows == EOS).sum() == len(rows), "a second </s>"
            assert rows.shape[1] - 2 in [high for _, high in LENGTHS] and lengths.min() >= 3
        assert torch.equal(batch.prompt[:, 1:], batch.target[:, :-1])


def a_run_that_was_cut_gives_the_same_weights(work):
    whole = trainer(work)
    whole.train(STEPS)
    first = trainer(work)
    first.train(STEPS // 2)
    first.save()
    second = trainer(work)
    assert second.step == STEPS // 2
    second.train(STEPS)
    for name, tensor in whole.model.state_dict().items():
        assert torch.equal(tensor, second.model.state_dict()[name]), name
    second.save()


def the_export_is_the_reference_s_model(work):
    export(work, work / "out")
    check(work, work / "out")


def the_rate_ends_at_zero(_):
    assert schedule.rate(schedule.WARM_UP) == 1 and schedule.rate(schedule.STEPS - 1) == 0
    trained = sum(p.numel() for p in Autoencoder().parameters())
    assert trained == 10_036_224, "SONAR's architecture at these sizes"


CHECKS = (the_rate_ends_at_zero, words_agree, what_is_held_out_is_not_trained_on,
          a_batch_depends_on_its_number_alone, rows_are_framed_and_as_long_as_their_bucket,
          a_run_that_was_cut_gives_the_same_weights, the_export_is_the_reference_s_model)


def main():
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        make_data(work, TRIPLES)
        for each in CHECKS:
            each(work)
            print(f"passed: {each.__name__.replace('_', ' ')}", flush=True)


if __name__ == "__main__":
    main()
