"""Writes golden.json: what the official SONAR modules (sonar-space, fp32, one thread) answer for a model's weights.

usage: golden.py MODEL_FOLDER [--output FILE]
"""

import argparse
import hashlib
import json
import pathlib
import sys
from types import SimpleNamespace

import numpy as np
import torch
from safetensors.torch import load_file

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[2] / "Tests/Conformance/reference")]

from official import EOS, PAD, beam, encode, logits, make_decoder, make_encoder  # noqa: E402

from sonarmini.reference import ReferenceModel  # noqa: E402

BEAM_SIZE = 5
LONGEST_TARGET = 126
SEED = 11
CHECKSUMMED = ("config.json", "golden.json", "model.safetensors", "sentencepiece.model")


class Golden:
    def __init__(self, folder):
        config = json.loads((folder / "config.json").read_text())
        self.names = ReferenceModel(folder)
        shape = SimpleNamespace(
            dim=config["model_dim"], encoder_layers=config["num_encoder_layers"], heads=config["num_heads"],
            decoder_layers=config["num_decoder_layers"], ffn=config["ffn_inner_dim"], vocabulary=config["vocab_size"])
        tensors = {name: tensor.float() for name, tensor in load_file(folder / "model.safetensors").items()}
        self.encoder = self._loaded(make_encoder(shape), tensors, "encoder.")
        projection = {"decoder.final_proj.weight": tensors["decoder.decoder_frontend.embed.weight"]}
        self.decoder = self._loaded(make_decoder(shape), tensors | projection, "decoder.")
        self.random = np.random.default_rng(SEED)
        self.end_of_pieces = config["vocab_size"] - len(config["languages"])

    @staticmethod
    def _loaded(module, tensors, prefix):
        own = {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}
        module.load_state_dict(own)
        return module

    def case(self, given):
        content = self._content(given)
        ids = self.names.framed(content, given["language"])
        embedding = encode(self.encoder, ids)[1]
        answer = {key: given[key] for key in ("text", "pieces", "language", "decode") if key in given}
        answer |= {"ids": ids, "embedding": [float(f"{value:.7g}") for value in embedding.tolist()]}
        answer["greedy"] = {language: self._greedy(embedding, language) for language in given["decode"]}
        answer["beam"] = {language: self._beam(embedding, language) for language in given["decode"]}
        return answer

    def _content(self, given):
        if "random" in given:
            return self.random.integers(EOS + 1, self.end_of_pieces, given["random"]).tolist()
        if "text" in given:
            return given["text"]
        return [token for piece in given["pieces"] for token in self._one_piece(piece)]

    def _one_piece(self, piece):
        ids = self.names.ids(piece)
        if len(ids) != 1:
            raise ValueError(f"{piece} is not one piece")
        return ids

    def _greedy(self, embedding, language):
        ids, total = [EOS, self.names.language_token(language)], 0.0
        while len(ids) < LONGEST_TARGET and (len(ids) == 2 or ids[-1] != EOS):
            scores = logits(self.decoder, embedding, ids)[-1].log_softmax(-1)
            scores[PAD] = -torch.inf
            total += scores.max().item()
            ids.append(int(scores.argmax()))
        return {"ids": ids[2:], "log_probability": total, "text": self.names.text(ids[2:])}

    def _beam(self, embedding, language):
        found = beam(self.decoder, embedding, self.names.language_token(language), BEAM_SIZE, LONGEST_TARGET)
        return [{"ids": ids, "score": score} for ids, score in found]


def write_checksums(folder):
    lines = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in CHECKSUMMED]
    (folder / "SHA256SUMS").write_text("".join(lines))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--output", type=pathlib.Path, help="another file than the folder's golden.json, without SHA256SUMS")
    options = parser.parse_args()
    torch.set_num_threads(1)
    golden = Golden(options.folder)
    cases = json.loads((HERE / "evaluation/golden_cases.json").read_text())
    with torch.inference_mode():
        answers = [golden.case(given) for given in cases]
    path = options.output or options.folder / "golden.json"
    path.write_text(json.dumps(answers, ensure_ascii=False) + "\n")
    if not options.output:
        write_checksums(options.folder)
    print(f"{len(answers)} cases in {path}")


if __name__ == "__main__":
    main()
