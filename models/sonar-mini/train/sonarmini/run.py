"""Starts the training: one process on a GPU, else one process of one thread for every core."""

import os

import torch
import torch.multiprocessing as multiprocessing

from sonarmini import schedule
from sonarmini.network import Autoencoder
from sonarmini.trainer import SharedMemory, Trainer, parameter_groups

KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(1 << 25), "MALLOC_TRIM_THRESHOLD_": str(1 << 30)}
"""Else glibc gives large tensors back to the kernel and asks for them again at every step, which takes 10% longer."""


def shared_memory(processes, device="cpu"):
    """What so many processes need in common."""
    model = Autoencoder()
    matrices, embeddings, rest = parameter_groups(model)
    gradients, hidden = (sum(p.numel() for p in group) for group in (matrices + embeddings + rest, matrices))
    return SharedMemory(gradients, hidden, model.shape.dim, processes, device)


def work(rank, processes, folder, shared, barrier):
    torch.set_num_threads(1)
    Trainer(folder, shared, rank, processes, barrier.wait, "cpu").train()


def train(folder, processes=None):
    """Trains to the end of the schedule, from the checkpoint in `folder` if there is one."""
    if torch.cuda.is_available():
        Trainer(folder, shared_memory(1, "cuda"), 0, 1, lambda: None, "cuda").train()
        return
    os.environ.update(KEEP_MEMORY)
    processes = processes or min(schedule.MICRO_BATCHES, os.cpu_count() or 1)
    barrier = multiprocessing.get_context("spawn").Barrier(processes)
    multiprocessing.start_processes(
        work, (processes, folder, shared_memory(processes), barrier), nprocs=processes, start_method="spawn")
