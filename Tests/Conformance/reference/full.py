"""Writes .full/: a random model of SONAR's full size in fairseq2's form (encoder.pt, decoder.pt, spm.model) and what the
official modules answer, in fp32 on one thread. 7 GB of disk and 8 GB of memory; compare_full.py does the rest.

usage: full.py [DIRECTORY]
"""

import gc
import itertools
import json
import resource
import sys
from importlib import resources
from pathlib import Path

import checkpoints
import torch
import yaml
from cases import Cases
from fairseq2.data.text.tokenizers.nllb import NllbTokenizer
from official import Weights, make_decoder, make_encoder
from shapes import Shape
from tokenizer import pad, sentences, train

SEED = 1024
ASKED = ("eng_Latn", "zul_Latn", "spa_Latn", "ace_Arab", "fra_Latn", "deu_Latn", "por_Latn")
"""Languages of the cases, the first and the last of the 202 among them."""


def languages():
    """The 202, in the order of their tokens."""
    card = (resources.files("sonar") / "cards/text_sonar_basic_encoder.yaml").read_text()
    return tuple(next(each["langs"] for each in yaml.safe_load_all(card) if "langs" in each))


SHAPE = Shape(1024, 24, 24, heads=16, ffn=8192, pieces=256_000, languages=languages())


def tokenizer(directory):
    """A toy of 600 pieces and 255,400 that no text has."""
    path = directory / "spm.model"
    path.write_bytes(pad(train(600, "nmt_nfkc"), SHAPE.pieces))
    result = NllbTokenizer(path, list(SHAPE.languages), "eng_Latn")
    assert result.vocab_info.size == SHAPE.vocabulary == 256_206
    return result


def note(what):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{what} (peak memory {peak:.1f} GiB)", flush=True)


def main(directory):
    directory.mkdir(parents=True, exist_ok=True)
    cases = Cases(SHAPE, None, None, tokenizer(directory), SEED)
    cases.languages = itertools.cycle(ASKED)
    weights = Weights(SEED)

    cases.encoder = make_encoder(SHAPE)
    weights.fill(cases.encoder)
    checkpoints.write_fairseq2(cases.encoder, directory / "encoder.pt")
    note("encoder.pt written")
    answers = {"text": cases.text([text for text, _ in sentences()][5::180]), "raw": cases.raw((4, 20, 100, 514))}
    note("encoder asked")
    cases.encoder = None
    gc.collect()

    cases.decoder = make_decoder(SHAPE)
    weights.fill(cases.decoder)
    weights.unstick(cases.decoder)
    checkpoints.write_fairseq2(cases.decoder, directory / "decoder.pt")
    note("decoder.pt written")
    answers["logits"] = cases.logits((3, 24))
    for case in answers["logits"]:
        del case["first8"]
    answers["greedy"] = [next(filter(None, (whole(cases.greedy_case(12)) for _ in range(9)))) for _ in range(4)]
    note("greedy decoding asked")
    answers["beam"] = [next(filter(None, (cases.beam_case(5, 12) for _ in range(9))))]
    note("beam search asked")
    (directory / "expected.json").write_text(json.dumps(answers, ensure_ascii=False) + "\n")


def whole(case):
    return case if len(case["ids"]) == 14 else None


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(Path(sys.argv[1] if sys.argv[1:] else ".full"))
