"""Muon (Jordan et al. 2024) for the hidden matrices, shared out over the processes."""

import torch

MOMENTUM = 0.95
UPDATE_SIZE = 0.2
"""The root mean square of an update, which makes AdamW's learning rates fit."""
COEFFICIENTS = (3.4445, -4.7750, 2.0315)
ITERATIONS = 5


def orthogonalised(gradient):
    """The nearest matrix with singular values near 1, by a quintic Newton-Schulz iteration in bfloat16."""
    tall = gradient.shape[0] > gradient.shape[1]
    x = (gradient.mT if tall else gradient).bfloat16().contiguous()
    x = x / (x.float().norm() + 1e-7).bfloat16()
    a, b, c = COEFFICIENTS
    for _ in range(ITERATIONS):
        square = x @ x.mT
        x = torch.addmm(x, torch.addmm(square, square, square, beta=b, alpha=c), x, beta=a)
    return (x.mT if tall else x).float()


class Muon:
    """Momentum and updates lie in memory that all processes share; process r works on matrices r, r + processes, ..."""

    def __init__(self, matrices, momentum, updates, decay, rank, processes, barrier):
        """`momentum`, `updates`: flat tensors as long as all matrices together."""
        self.matrices, self.decay, self.barrier = matrices, decay, barrier
        sizes = [matrix.numel() for matrix in matrices]
        self.momentum = [part.view_as(m) for part, m in zip(momentum.split(sizes), matrices)]
        self.updates = [part.view_as(m) for part, m in zip(updates.split(sizes), matrices)]
        self.mine = slice(rank, None, processes)

    @torch.no_grad()
    def step(self, rate):
        for matrix, momentum, update in list(zip(self.matrices, self.momentum, self.updates))[self.mine]:
            momentum.lerp_(matrix.grad, 1 - MOMENTUM)
            direction = matrix.grad.lerp(momentum, MOMENTUM)
            width = matrix.shape[1]
            blocks = direction.split(width) if matrix.shape[0] == 3 * width else (direction,)
            scale = UPDATE_SIZE * max(blocks[0].shape) ** 0.5
            update.copy_(torch.cat([orthogonalised(block) for block in blocks]).mul_(scale))
        self.barrier()
        for matrix, update in zip(self.matrices, self.updates):
            matrix.mul_(1 - rate * self.decay).sub_(update, alpha=rate)
