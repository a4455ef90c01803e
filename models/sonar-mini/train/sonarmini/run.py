"""Starts the training: one process on a GPU, else one process of one thread for every core."""

import os

import torch
import torch.multiprocessing as multiprocessing

from sonarmini.network import Autoencoder
from sonarmini.trainer import SharedMemory, Trainer, parameter_groups

KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(8 << 30)}
"""glibc gives large tensors' memory back to the kernel and gets it again at every step; without that a step is 10% faster."""


def work(rank, processes, folder, shared, barrier):
    torch.set_num_threads(1)
    Trainer(folder, shared, rank, processes, barrier.wait, "cpu").train()


def train(folder, processes=None):
    """Trains to the end of the schedule, from the checkpoint in `folder` if there is one."""
    matrices, embeddings, rest = parameter_groups(Autoencoder())
    gradients, hidden = (sum(p.numel() for p in group) for group in (matrices + embeddings + rest, matrices))
    if torch.cuda.is_available():
        Trainer(folder, SharedMemory(gradients, hidden, Autoencoder().shape.dim, 1), 0, 1, lambda: None, "cuda").train()
        return
    os.environ.update(KEEP_MEMORY)
    processes = processes or min(2, os.cpu_count() or 1)
    shared = SharedMemory(gradients, hidden, Autoencoder().shape.dim, processes)
    context = multiprocessing.get_context("spawn")
    multiprocessing.start_processes(
        work, (processes, folder, shared, context.Barrier(processes)), nprocs=processes, start_method="spawn")
