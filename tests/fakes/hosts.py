"""Several machines on one: a network namespace and a host name for each, joined by a bridge that is this machine.

Needs root and the right to make namespaces; `why_not` says what is missing.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import IO

from django.conf import settings

from tests.fakes.worker import Worker
from tests.network import changing


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


@cache
def why_not() -> str:
    """Why there can be no hosts here; empty when there can."""
    name = f"wj{os.getpid()}t"
    try:
        with changing():
            ip("netns", "add", name)
            ip("netns", "delete", name)
            ip("link", "add", name, "type", "bridge")
            ip("link", "delete", name)
        subprocess.run(["unshare", "--uts", "true"], check=True, capture_output=True)
    except FileNotFoundError as missing:
        return f"there is no program {missing.filename} here"
    except subprocess.CalledProcessError as refused:
        return f"network namespaces are not permitted here: {refused.stderr.decode().strip()}"
    return ""


class Host:
    """A machine in the network. address: its own."""

    def __init__(self, network: "Network", number: int) -> None:
        self.name = f"wj{os.getpid()}h{number}"
        self.cable = f"wj{os.getpid()}c{number}"
        self.address = f"{network.prefix}.{number + 1}"
        ip("netns", "add", self.name)
        ip("link", "add", self.cable, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        ip("link", "set", self.cable, "master", network.bridge, "up")
        for setting in (
            ("addr", "add", f"{self.address}/24", "dev", "eth0"),
            ("link", "set", "eth0", "up"),
            ("link", "set", "lo", "up"),
        ):
            ip("-netns", self.name, *setting)

    def take_little(self) -> None:
        """Its kernel takes no more than 64 KB that its processes have not read, in connections made from now on."""
        limit = "echo 4096 65536 65536 > /proc/sys/net/ipv4/tcp_rmem"  # of this namespace alone
        ip("netns", "exec", self.name, "sh", "-c", limit)

    def cut(self) -> None:
        """Pulls the cable: what is sent either way vanishes."""
        ip("link", "set", self.cable, "down")

    def join(self) -> None:
        ip("link", "set", self.cable, "up")

    def remove(self) -> None:
        """The cable first: with its namespace it would go some time later, and be in the way of the next host's."""
        for command in (("link", "delete", self.cable), ("netns", "delete", self.name)):
            with suppress(subprocess.CalledProcessError):
                ip(*command)

    def worker(self, **environment: str) -> "RemoteWorker":
        return RemoteWorker(self, **environment)


class RemoteWorker(Worker):
    """An operations cluster on a host."""

    def __init__(self, host: Host, **environment: str) -> None:
        told = {"DEBUG": "false", "SECRET_KEY": settings.SECRET_KEY, "Q_CLUSTER_NAME": "operations"}
        told["ENCRYPTION_KEYS"] = ",".join(settings.ENCRYPTION_KEYS)
        super().__init__(**told | environment)
        self.host = host

    def _run(self, output: IO[str]) -> "subprocess.Popen[bytes]":
        inside = f'hostname {self.host.name} && exec "$0" manage.py qcluster'
        place = ["ip", "netns", "exec", self.host.name, "unshare", "--uts", "sh", "-c", inside, sys.executable]
        return subprocess.Popen(
            place,
            cwd=settings.BASE_DIR,
            env=self.environment,
            start_new_session=True,
            stderr=subprocess.STDOUT,
            stdout=output,
        )


class Network:
    """address: of this machine in it, where PostgreSQL and targets listen."""

    def __init__(self) -> None:
        number = os.getpid() % 10_000  # tests that run side by side have networks of their own
        self.prefix = f"10.{200 + number // 200}.{number % 200}"
        self.address, self.range = f"{self.prefix}.1", f"{self.prefix}.0/24"
        self.bridge = f"wj{os.getpid()}b"
        ip("link", "add", self.bridge, "type", "bridge")
        ip("addr", "add", f"{self.address}/24", "dev", self.bridge)
        ip("link", "set", self.bridge, "up")


@contextmanager
def hosts(count: int) -> Iterator[tuple[Network, list[Host]]]:
    """A network of this machine and so many others."""
    with changing():
        found: list[Host] = []
        network = Network()
        try:
            for number in range(1, count + 1):
                found.append(Host(network, number))
            yield network, found
        finally:
            for host in found:
                host.remove()
            ip("link", "delete", network.bridge)
