"""The fixtures' other checkpoint forms, read by the libraries they belong to, are the model that the official modules
were asked about."""

import json
from pathlib import Path

import pytest
import torch
from checkpoints import m2m100_config
from safetensors.torch import load_file
from shapes import FIXTURES
from sonar.models.sonar_text import handler
from transformers import M2M100ForConditionalGeneration

REFERENCE = Path(__file__).resolve().parents[2] / "Fixtures/reference"
SIDES = ("encoder", "decoder")

pytestmark = pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture.name)


def directory(fixture):
    return REFERENCE / fixture.name


def expected(fixture):
    return json.loads((directory(fixture) / "expected.json").read_text())


@pytest.mark.parametrize("side", SIDES)
def test_sonars_own_converter_turns_the_legacy_form_into_the_other(fixture, side):
    ours = torch.load(directory(fixture) / f"{side}.pt", weights_only=True)["model"]
    legacy = torch.load(directory(fixture) / f"legacy_{side}.pt", weights_only=False)
    convert = getattr(handler, f"convert_sonar_text_{side}_checkpoint")
    theirs = convert(legacy)["model"]
    for name, tensor in ours.items():
        assert torch.equal(theirs[name].float(), tensor), name


def hugging_face(fixture):
    """transformers' model with the fixture's tensors, each side's own table in place."""
    files = sorted((directory(fixture) / "hf").glob("*.safetensors"))
    model = M2M100ForConditionalGeneration(m2m100_config(fixture.shape)).eval()
    for side in SIDES:
        stack = getattr(model.model, side)
        state = {}
        for file in files:
            if file.stem not in SIDES or file.stem == side:
                state |= load_file(file)
        own = {name.removeprefix("model.").removeprefix(f"{side}."): tensor.float() for name, tensor in state.items()}
        table = next(own[name] for name in ("embed_tokens.weight", "shared.weight", "lm_head.weight") if name in own)
        embed = torch.nn.Embedding(*table.shape)
        embed.weight.data.copy_(table)
        own = {name: tensor for name, tensor in own.items() if name.startswith("layer")}
        missing = stack.load_state_dict(own, strict=False)
        assert not missing.unexpected_keys and missing.missing_keys == ["embed_tokens.weight"], missing
        stack.embed_tokens.weight = embed.weight
    model.lm_head.weight = model.model.decoder.embed_tokens.weight
    return model


def rows(ids):
    """Hugging Face numbers the first four tokens differently."""
    return torch.tensor([[(1, 3, 0, 2)[i] if i < 4 else i for i in ids]])


def close(actual, expected, tolerance=2e-5):
    expected = torch.tensor(expected)
    return float((actual.flatten() - expected).abs().max()) <= tolerance * max(1, float(expected.abs().max()))


@torch.inference_mode()
def test_transformers_agrees(fixture):
    model, cases = hugging_face(fixture), expected(fixture)
    for case in cases["text"] + cases["raw"]:
        states = model.model.encoder(input_ids=rows(case["ids"])).last_hidden_state
        assert close(states.mean(1), case["embedding"])
    for case in cases["logits"]:
        embedding = torch.tensor(case["embedding"])[None, None]
        states = model.model.decoder(input_ids=rows(case["ids"]), encoder_hidden_states=embedding).last_hidden_state
        logits = model.lm_head(states)[0]
        order = rows(range(logits.shape[1]))[0]
        assert close(logits[-1][order], case["last_logits"])
        assert close(logits[:, order[:8]], [value for row in case["first8"] for value in row])
