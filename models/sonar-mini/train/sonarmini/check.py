"""The training network and the independent reference agree on the exported weights."""

import torch

from sonarmini.network import Autoencoder
from sonarmini.reference import ReferenceModel

SAMPLES = (("dog a bit dog b", "eng_Latn"), ("el perro mordió al hombre", "spa_Latn"), ("_ _ _ _ dog _ _ _", "fra_Latn"),
           ("", "eng_Latn"))
EMBEDDING_TOLERANCE = 1e-4
LOGIT_TOLERANCE = 1e-3


@torch.no_grad()
def check(work, out):
    """Raises ValueError where they do not; gives the largest differences of an embedding value and of a logit."""
    state = torch.load(work / "checkpoint.pt", weights_only=True, map_location="cpu")
    network, reference = Autoencoder(), ReferenceModel(out)
    network.load_state_dict({name: tensor.half().float() for name, tensor in state["average"].items()})
    rows = [reference.framed(*sample) for sample in SAMPLES]
    ids = reference.padded(rows)
    ours, theirs = network.encode(ids), reference.encode(rows)
    prompts = torch.cat([torch.full((len(rows), 1), reference.end), ids[:, :-1]], 1)
    differences = ((ours - theirs).abs().max().item(),
                   (network.logits(network.decode(prompts, theirs)) - reference.logits(prompts, theirs)).abs().max().item())
    if differences[0] > EMBEDDING_TOLERANCE or differences[1] > LOGIT_TOLERANCE:
        raise ValueError(f"the reference differs from the training network: {differences}")
    return differences
