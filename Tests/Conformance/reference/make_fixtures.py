"""Writes Tests/Fixtures/reference/<name>: random models in three checkpoint forms, and what the official SONAR modules
(sonar-space, fairseq2, in fp32) answer.

usage: make_fixtures.py [NAME ...]
"""

import json
import shutil
import sys
from pathlib import Path

import checkpoints
import torch
from cases import Cases
from fairseq2.data.text.tokenizers.nllb import NllbTokenizer
from official import Weights, make_decoder, make_encoder
from shapes import FIXTURES
from tokenizer import sentences, train

OUT = Path(__file__).resolve().parents[2] / "Fixtures/reference"


def models(fixture):
    """The encoder and the decoder; they have the same table where the checkpoint will have only one."""
    weights = Weights(fixture.seed, fixture.short_weights)
    encoder, decoder = make_encoder(fixture.shape), make_decoder(fixture.shape)
    weights.fill(encoder)
    weights.fill(decoder)
    weights.unstick(decoder)
    weights.favour_specials(decoder)
    if fixture.hf == "sharded":
        with torch.no_grad():
            encoder.encoder_frontend.embed.weight.copy_(decoder.decoder_frontend.embed.weight)
    return encoder, decoder


def config(shape):
    return dict(
        architecture="sonar_text_basic", model_dim=shape.dim, vocab_size=shape.vocabulary,
        num_encoder_layers=shape.encoder_layers, num_decoder_layers=shape.decoder_layers, num_heads=shape.heads,
        ffn_inner_dim=shape.ffn, max_source_tokens=514, max_target_tokens=512, languages=shape.languages)


def write(fixture):
    out = OUT / fixture.name
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    (out / "sentencepiece.model").write_bytes(train(fixture.shape.pieces, fixture.normalization))
    (out / "config.json").write_text(json.dumps(config(fixture.shape), indent=1) + "\n")
    encoder, decoder = models(fixture)
    for model, side in ((encoder, "encoder"), (decoder, "decoder")):
        checkpoints.write_fairseq2(model, out / f"{side}.pt", views=fixture.views)
        checkpoints.write_legacy(model, side, out / f"legacy_{side}.pt", half=fixture.hf == "sharded",
                                 views=fixture.views)
    checkpoints.write_hugging_face(encoder, decoder, fixture, out / "hf")

    languages = list(fixture.shape.languages)
    tokenizer = NllbTokenizer(out / "sentencepiece.model", languages, languages[0])
    assert tokenizer.vocab_info.size == fixture.shape.vocabulary
    texts = [text for text, _ in sentences()][fixture.seed::61]
    cases = Cases(fixture.shape, encoder, decoder, tokenizer, fixture.seed).all(texts)
    (out / "expected.json").write_text(json.dumps(cases, ensure_ascii=False, separators=(",", ":")) + "\n")
    summary(fixture, out, cases)


def summary(fixture, out, cases):
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    print(f"{fixture.name}: {size / 1e6:.2f} MB, {len(cases['text'])} texts, {len(cases['raw'])} raw sequences")
    for case in cases["greedy"]:
        new = case["ids"][2:]
        print(f"  greedy {len(new):3} of {case['max_new_tokens']:3}, {len(set(new)):3} different, ends with {new[-1]}, "
              f"pad {new.count(0)}, unk {new.count(1)}, margin {case['smallest_margin']:.4f}")
    for case in cases["beam"]:
        lengths = [len(h["ids"]) for h in case["hypotheses"]]
        print(f"  beam {case['beam_size']:2} of {case['max_new_tokens']:2}: lengths {lengths}")


if __name__ == "__main__":
    torch.set_num_threads(1)
    for fixture in FIXTURES:
        if not sys.argv[1:] or fixture.name in sys.argv[1:]:
            write(fixture)
