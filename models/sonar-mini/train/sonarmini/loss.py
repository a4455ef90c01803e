"""Cross-entropy against a tied embedding, in pieces that fit a cache."""

import torch

ROWS_AT_ONCE = 128


class TiedCrossEntropy(torch.autograd.Function):
    """The weighted sum of -log p(target), where logits = states @ weight.T; `shares` are the weights, whose sum is 1.

    The gradient is computed in the forward pass, in bfloat16, so that what is kept of tokens x vocabulary is one matrix,
    written once. Also gives every token's probability of its target, for the log.
    """

    @staticmethod
    def forward(context, states, weight, target, shares):
        short_states, short_weight = states.detach().bfloat16(), weight.detach().bfloat16()
        slopes = torch.empty(len(states), len(weight), dtype=torch.bfloat16, device=states.device)
        transposed = short_weight.t()
        for i in range(0, len(states), ROWS_AT_ONCE):
            rows = slice(i, i + ROWS_AT_ONCE)
            slopes[rows] = torch.softmax(short_states[rows] @ transposed, 1)
        wanted = target[:, None]
        at_target = slopes.gather(1, wanted)
        slopes.scatter_(1, wanted, at_target - 1)
        shares = shares[:, None]
        count = len(states)
        weighted = (short_states * (shares * count)).bfloat16()
        context.save_for_backward((slopes @ short_weight).float() * shares, (slopes.t() @ weighted).float() / count)
        context.dtype = states.dtype
        probability = at_target[:, 0].float()
        context.mark_non_differentiable(probability)
        losses = -probability.clamp(min=1e-30).log()
        return (losses * shares[:, 0]).sum(), probability

    @staticmethod
    def backward(context, slope, *_):
        states, weight = context.saved_tensors
        return (states * slope).to(context.dtype), weight * slope, None, None
