"""A Slurm cluster on this machine: the real munged, slurmctld and slurmd, in a directory of their own, on loopback ports of
their own, as whoever runs the tests. Nothing in /etc is read or changed."""

import contextlib
import getpass
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from fleet import free_ports
from support import REPOSITORY, wait_for

SCRIPTS = REPOSITORY / "deploy/slurm"
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch")
NODES = 3
HOST = "127.0.0.1"

# Jobs wait for a credential to run out before they start again; that and every cycle are shortened.
CONFIGURATION = """
ClusterName=test
SlurmctldHost={name}({host})
SlurmctldPort={ports[0]}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={directory}/munge.socket
CredType=cred/munge
StateSaveLocation={directory}/state
SlurmdSpoolDir={directory}/spool/%n
SlurmctldPidFile={directory}/slurmctld.pid
SlurmdPidFile={directory}/%n.pid
SlurmctldLogFile={directory}/slurmctld.log
SlurmdLogFile={directory}/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
ReturnToService=2
KillWait=30
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0,bf_interval=1
NodeName=node[1-{nodes}] NodeHostname={name} NodeAddr={host} Port=[{first}-{last}] CPUs=4 RealMemory=16000
PartitionName=low Nodes=ALL Default=YES MaxTime=INFINITE State=UP PriorityTier=1
PartitionName=high Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=10 PreemptMode=OFF
"""


def program(name):
    """The path of a program, which may lie where only root looks."""
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


class Cluster:
    def __init__(self):
        # Slurm wants directories that nobody else may write above its sockets; their paths are short.
        self.directory = Path(tempfile.mkdtemp(prefix="sonarsweep-slurm-", dir="/tmp"))
        self.directory.chmod(0o755)
        self.daemons = []
        for each in ("state", "spool"):
            (self.directory / each).mkdir()
        self.key = self.directory / "munge.key"
        self.key.write_bytes(secrets.token_bytes(1024))
        self.key.chmod(0o400)
        first = consecutive_ports(NODES)
        self.configuration = self.directory / "slurm.conf"
        self.configuration.write_text(CONFIGURATION.format(
            name=socket.gethostname(), host=HOST, user=getpass.getuser(), directory=self.directory, nodes=NODES,
            ports=free_ports(1, [HOST]), first=first, last=first + NODES - 1))
        self.environment = {**os.environ, "SLURM_CONF": str(self.configuration)}

    def start(self):
        files = {name: self.directory / f"munge.{name}" for name in ("socket", "pid", "log", "seed")}
        self.daemon("munged", "--foreground", f"--key-file={self.key}", f"--socket={files['socket']}",
                    f"--pid-file={files['pid']}", f"--log-file={files['log']}", f"--seed-file={files['seed']}")
        wait_for(files["socket"].exists, "munged's socket")
        self.daemon("slurmctld", "-D", "-f", self.configuration)
        for node in range(1, NODES + 1):
            self.daemon("slurmd", "-D", "-f", self.configuration, "-N", f"node{node}")

        def is_idle():
            return self.run("sinfo", "-h", "-p", "low", "-o", "%T %D", check=False).stdout.split() == ["idle", str(NODES)]

        wait_for(is_idle, "the nodes to be idle")

    def daemon(self, name, *arguments):
        with open(self.directory / f"{name}-{len(self.daemons)}.out", "w") as log:
            self.daemons.append(subprocess.Popen([program(name), *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=log,
                                                 stderr=log, env=self.environment, start_new_session=True))

    def run(self, *command, check=True):
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, env=self.environment,
                              timeout=60, cwd=self.directory)
        assert done.returncode == 0 or not check, done.stdout + done.stderr
        return done

    # Jobs

    def sbatch(self, script, *options, arguments=(), **variables):
        """Submits a script with environment variables; the job's number."""
        export = ",".join(["ALL", *(f"{name}={value}" for name, value in variables.items())])
        return self.run("sbatch", "--parsable", f"--export={export}", *options, script, *arguments).stdout.strip()

    def field(self, job, field):
        """A field of `scontrol show job` of a job, or of an array's task, as 7_1."""
        words = self.run("scontrol", "show", "job", job).stdout.split()
        return next(word.partition("=")[2] for word in words if word.startswith(f"{field}="))

    def state(self, job):
        return self.field(job, "JobState")

    def wait_for_state(self, job, *states, deadline=60):
        return wait_for(lambda: self.state(job) in states, f"job {job} to be {' or '.join(states)}", deadline)

    def wait_for_restart(self, job, restarts):
        """Until a job runs again that was queued again, without the two minutes that Slurm lets pass before."""

        def is_pending():
            return self.field(job, "Restarts") == str(restarts) and self.state(job) == "PENDING"

        wait_for(is_pending, f"job {job} to be queued again", 60)
        # The former run's end, reported into the new run, would end that: what Slurm's two minutes are for.
        number = self.field(job, "JobId")
        wait_for(lambda: not self.has_steps(number), f"the former run of job {job} to be gone", 60)
        self.run("scontrol", "update", f"JobId={job}", "StartTime=now")
        self.wait_for_state(job, "RUNNING")

    def has_steps(self, number):
        """Whether a job's number still has a process of Slurm's that looks after its script and reports its end."""
        return any(process.startswith(f"slurmstepd: [{number}.") for process in members(self.directory).values())

    def situation(self):
        """The queue and the nodes in words, and what the controller said last."""
        return "\n".join([self.run("squeue", check=False).stdout, self.run("sinfo", "-N", "-o", "%N %T %E", check=False).stdout,
                          (self.directory / "slurmctld.log").read_text()[-4000:]])

    def cancel(self, *jobs):
        self.run("scancel", *jobs, check=False)
        wait_for(lambda: not self.run("squeue", "-h", "-j", ",".join(jobs), check=False).stdout, "the jobs to end", 45)

    def close(self):
        with contextlib.suppress(AssertionError, subprocess.TimeoutExpired):
            self.run("scancel", "--user", getpass.getuser(), check=False)
            wait_for(lambda: not self.run("squeue", "-h", check=False).stdout, "the jobs to end", 40)
        for daemon in reversed(self.daemons):
            daemon.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                daemon.wait(15)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(daemon.pid, signal.SIGKILL)
            daemon.wait()
        end_leftovers(self.directory)
        shutil.rmtree(self.directory, ignore_errors=True)


def members(directory):
    """The processes that have this cluster's configuration in their environment: their ids and command lines."""
    mark = f"SLURM_CONF={directory}/".encode()
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (process / "environ").read_bytes():
                found[int(process.name)] = (process / "cmdline").read_text().replace("\0", " ")
    return found


def end_leftovers(directory):
    """Ends what still runs of the cluster: job steps whose slurmd is gone."""
    for process in members(directory).keys() - {os.getpid()}:
        with contextlib.suppress(OSError):
            os.kill(process, signal.SIGKILL)


def consecutive_ports(count):
    """The first of ports that nobody listens on."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        (first,) = free_ports(1, [HOST])
        with contextlib.ExitStack() as sockets, contextlib.suppress(OSError):
            for port in range(first + 1, first + count):
                sockets.enter_context(socket.socket()).bind((HOST, port))
            return first
    raise AssertionError("no ports are free")
