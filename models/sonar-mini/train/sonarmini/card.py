"""The model card, with the figures of an evaluation."""

import json

from sonarmini.vocabulary import LANGUAGES

NAMES = ("English", "Spanish", "French")
CARD = """# sonar-mini

A small text autoencoder of SONAR's architecture, trained from nothing for this project, so that every sweep, test and
example runs without a download. It is a model to try things on, not a stand-in for Meta's SONAR: findings about it are
findings about it.

| | |
|---|---|
| architecture | SONAR basic: pre-norm transformer encoder, mean pooling to one vector, decoder that attends to that vector |
| sizes | dim {dim}, {encoder} + {decoder} layers, {heads} heads, feed-forward {inner}, vocabulary {vocabulary:,}, {parameters:,} parameters |
| files | `model.safetensors` (fp16, fairseq2's tensor names), `config.json`, `sentencepiece.model` (BPE) |
| languages | {languages} |
| training data | sentences of a hand-written trilingual grammar, word lists and filler sequences; nothing from elsewhere |
| training | {steps:,} steps; `train/` has everything, `make model` does it again |
| licence | Apache-2.0, as the rest of the project: weights, tokenizer and data were all made for it |

## What it can and cannot do

Greedy decoding, exact match, measured by `train/evaluate.py`:

| task | exact |
|---|---|
| round trip of {held_count} held-out grammar sentences | {held} |
| the same, by tokens | {bands} |
| round trip of {hand_count} hand-written sentences outside the grammar's patterns | {hand} |
| translation of held-out sentences | {translations} |
| one word among fillers, every position of every length to 32 | {fillers}%; the worst length {worst}% |
| lists of random words | {lists} |
| sums and differences up to 20 | {sums} |

The lexicon has about 400 nouns, verbs and adjectives: other words are spelled from pieces and come back less surely.
Translation works inside the grammar only; a sentence of another pattern is copied, half translated or changed.

## What the study saw on SONAR, and what this model does

| the study, on SONAR | here |
|---|---|
| the shift vector of one word moves another word | in {shift_same} |
| it fails among another filler | it moves the word in {shift_other} |
| `+ E(cat _) - E(dog _)` changes every dog of `dog a bit dog b` | {swap_every} |
| `+ E(_ _ _ cat _) - E(_ _ _ dog _)` changes the fourth token only | {swap_one} |
| steps along positions become ever smaller | {steps_fixed}; {steps_last} |
| English and Spanish sit apart along a principal component | PC1 to PC6 separate them by {components} standard deviations; the nearest centroid tells them in {nearest}% |

## Checking it

`SHA256SUMS` lists the files; `golden.json` holds 43 cases that the official SONAR modules (sonar-space 0.4, fp32)
answered with these weights: token ids, embeddings, greedy and beam-5 decodes. `sonarsweep model verify sonar-mini`
compares both, and so do the tests.
"""
LISTED = ("1", "3", "5", "6", "8", "10")


def card(out):
    """Markdown for the model in `out`, from its config.json and evaluation.json."""
    config, result = (json.loads((out / name).read_text()) for name in ("config.json", "evaluation.json"))
    return CARD.format(**_sizes(config), **_figures(result), **_differences(result["observations"]))


def _sizes(config):
    return dict(dim=config["model_dim"], encoder=config["num_encoder_layers"], decoder=config["num_decoder_layers"],
                heads=config["num_heads"], inner=config["ffn_inner_dim"], vocabulary=config["vocab_size"],
                parameters=config["num_parameters"], steps=config["training_steps"],
                languages=", ".join(f"`{language}`" for language in config["languages"]))


def _each(values):
    return ", ".join(f"{name} {value:.1f}%" for name, value in zip(NAMES, values))


def _span(values):
    return f"{min(values):.0f} to {max(values):.0f}%"


def _figures(result):
    held, hand, fillers = result["held_out"], result["handwritten"], result["fillers"]
    bands = [language["by_tokens"] for language in (held[name] for name in LANGUAGES)]
    order = sorted(bands[0], key=lambda band: int(band.split("-")[0]))
    translations = {key: value for key, value in held.items() if ">" in key}
    return dict(
        held_count=held["count"], hand_count=hand["count"],
        held=_each(held[language]["exact"] for language in LANGUAGES),
        hand=_each(hand[language]["exact"] for language in LANGUAGES),
        bands=", ".join(f"{band}: {_span([b[band] for b in bands if band in b])}" for band in order),
        translations=", ".join(f"{key.replace('_Latn', '')} {value:.1f}%" for key, value in translations.items()),
        fillers=fillers["exact"], worst=fillers["worst_length"],
        lists=", ".join(f"{length}: {result['word_lists'][length]:.0f}%" for length in LISTED),
        sums=_each(result["sums"][language] for language in LANGUAGES))


def _differences(seen):
    shifts, swaps, steps = seen["shifts"], seen["swaps"], seen["steps"]
    same = {key: value for key, value in shifts.items() if key.startswith("from _ to _")}
    other = {key: value for key, value in shifts.items() if key not in same}

    def parts(swap):
        return ", ".join(f"{what} {value:.0f}%" for what, value in swap.items())

    def first_and_last(distances):
        return f"from {distances[0]} to {distances[-1]}"

    return dict(
        shift_same=f"{_span(same.values())}, by length", shift_other=f"{_span(other.values())}, by length",
        swap_every=parts(swaps["+ E(B _) - E(A _)"]), swap_one=parts(swaps["+ E(_ _ _ B _) - E(_ _ _ A _)"]),
        steps_fixed=f"in a row of 20, {first_and_last(steps['fixed length'])}",
        steps_last=f"in one that ends with the word, {first_and_last(steps['word last'])}",
        components=", ".join(str(x) for x in next(v for k, v in seen["languages"].items() if k.startswith("separation"))),
        nearest=seen["languages"]["nearest centroid"])
