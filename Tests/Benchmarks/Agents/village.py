"""Machines made of network namespaces on a bridge, with an agent on each.

Namespaces are named gvt-PID-NAME; the bridge stands in one of its own, so that taking the namespaces
away takes everything away, and a cut is made outside all machines.
"""

import collections
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from datetime import datetime, timezone

PORT = 7747


class Door(http.client.HTTPConnection):
    """HTTP over the agent's Unix socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=10)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(10)
        self.sock.connect(self.path)


class Machine:
    """One namespace and what runs in it."""

    def __init__(self, village, number):
        self.village = village
        self.name = f"n{number:02}"
        self.space = f"{village.run}-{self.name}"
        self.address = f"10.77.{number // 250}.{number % 250 + 1}"
        self.mac = f"02:00:0a:4d:{number // 250:02x}:{number % 250 + 1:02x}"
        self.home = f"{village.scratch}/{self.name}"
        self.log = f"{self.home}/agent.log"
        self.process = None
        self.door = None
        os.mkdir(self.home)

    def start(self, peers):
        command = ["ip", "netns", "exec", self.space, self.village.binary, "agent"]
        command += ["--bundle", f"{self.home}/bundle", "--data-dir", f"{self.home}/data"]
        command += ["--socket", f"{self.home}/s", "--bind", f"{self.address}:{PORT}"]
        command += ["--table", self.village.table, "--log-format", "text"]
        for peer in peers:
            command += ["--peer", f"{peer.address}:{PORT}"]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def kill(self):
        self.door = None
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def plug(self, state):
        """Pulls the cable of the machine, or puts it in again: up or down."""
        shell("ip", "-n", self.village.fabric, "link", "set", self.name, state)

    def ask(self, path, method="GET", body=None):
        """What the agent answers, or None where it does not."""
        for attempt in (1, 2):
            try:
                self.door = self.door or Door(f"{self.home}/s")
                self.door.request(method, path, body)
                reply = self.door.getresponse()
                return json.loads(reply.read())
            except (OSError, http.client.HTTPException, ValueError):
                self.door = None
        return None

    def apply(self, yaml):
        reply = self.ask("/v1/apply", "POST", yaml)
        if not reply or "items" not in reply:
            raise SystemExit(f"agents: {self.name} refused a manifest: {reply}")

    def size(self):
        """Where the log ends now, to look for what comes later."""
        return os.path.getsize(self.log)

    def changes(self, name, state, since):
        """When this agent said that a member is in a state, after so many bytes of its log."""
        pattern = re.compile(rf"^(\S+)Z \w+ {name} is {state}\b")
        with open(self.log, encoding="utf-8", errors="replace") as log:
            log.seek(since)
            for line in log:
                if found := pattern.match(line):
                    return moment(found[1])
        return None

    def ticks(self):
        """Processor time so far, in seconds."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def waited(self):
        """Seconds in which it could run and got no processor, all threads together."""
        total = 0
        tasks = f"/proc/{self.process.pid}/task"
        for task in os.listdir(tasks):
            with open(f"{tasks}/{task}/schedstat", encoding="ascii") as stat:
                total += int(stat.read().split()[1])
        return total / 1e9

    def resident(self):
        """Memory in use, in MiB."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1]) / 1024


class Village:
    """All machines, and the bridge between them."""

    def __init__(self, binary, count, table):
        self.run = f"gvt-{os.getpid()}"
        self.scratch = f"/tmp/{self.run}"
        self.fabric = f"{self.run}-fabric"
        self.binary = os.path.abspath(binary)
        self.table = table
        self.count = count
        self.machines = []

    def __enter__(self):
        try:
            self.build()
        except BaseException:
            self.clear()
            raise
        return self

    def __exit__(self, *_):
        self.clear()

    def build(self):
        os.mkdir(self.scratch, 0o700)
        shell("ip", "netns", "add", self.fabric)
        inside = ["ip", "-n", self.fabric]
        shell(*inside, "link", "add", "bridge", "type", "bridge", "forward_delay", "0", "mcast_snooping", "0")
        shell(*inside, "link", "set", "bridge", "up")
        knobs = "for knob in /proc/sys/net/bridge/bridge-nf-call-*; do [ ! -e $knob ] || echo 0 >$knob; done"
        shell("ip", "netns", "exec", self.fabric, "sh", "-c", knobs)
        for number in range(1, self.count + 1):
            machine = Machine(self, number)
            self.machines.append(machine)
            shell("ip", "netns", "add", machine.space)
            shell(
                *inside, "link", "add", "name", machine.name, "type", "veth",
                "peer", "name", "eth0", "address", machine.mac, "netns", machine.space,
            )
            shell(*inside, "link", "set", machine.name, "master", "bridge", "up")
            there = ["ip", "-n", machine.space]
            shell(*there, "link", "set", "lo", "up")
            shell(*there, "addr", "add", f"{machine.address}/16", "dev", "eth0")
            shell(*there, "link", "set", "eth0", "up")
        # One kernel keeps the neighbours of all namespaces in one table of 1,024 places, where
        # fifty machines would need 2,450. Those that are set by hand need none.
        for machine in self.machines:
            lines = [
                f"neigh add {other.address} lladdr {other.mac} nud permanent dev eth0\n"
                for other in self.machines
                if other is not machine
            ]
            shell("ip", "-n", machine.space, "-batch", "-", given="".join(lines))
        trust = f"{self.scratch}/trust"
        shell(self.binary, "trust", "init", "--dir", trust, "--cluster", "village")
        for machine in self.machines:
            shell(
                self.binary, "trust", "issue", "--dir", trust, "--name", machine.name,
                "--address", machine.address, "--out", f"{machine.home}/bundle",
            )

    def split(self, left, right):
        """Cuts every link between two groups, both ways, on the bridge."""
        pairs = [f'"{a.name}" . "{b.name}"' for a in left for b in right]
        pairs += [f'"{b.name}" . "{a.name}"' for a in left for b in right]
        rules = (
            "table bridge partition {\n"
            " set cut { type ifname . ifname; elements = { " + ", ".join(pairs) + " } }\n"
            " chain forward { type filter hook forward priority 0; policy accept;\n"
            "  iifname . oifname @cut counter drop\n }\n}\n"
        )
        shell("ip", "netns", "exec", self.fabric, "nft", "-f", "-", given=rules)

    def swallowed(self):
        """Packets that the cut has dropped: a cut that swallows nothing cuts nothing."""
        text = shell("ip", "netns", "exec", self.fabric, "nft", "list", "table", "bridge", "partition")
        return int(re.search(r"counter packets (\d+)", text)[1])

    def heal(self):
        shell("ip", "netns", "exec", self.fabric, "nft", "delete", "table", "bridge", "partition")

    def clear(self):
        for machine in self.machines:
            machine.kill()
        for line in shell("ip", "netns", "list").splitlines():
            if line.startswith(f"{self.run}-"):
                subprocess.run(["ip", "netns", "del", line.split()[0]], check=False)
        shutil.rmtree(self.scratch, ignore_errors=True)


def shell(*command, given=""):
    """Runs a program to its end, and gives what it printed."""
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"agents: {' '.join(command)}: exit {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def moment(text):
    """The time of a log line, in seconds since 1970."""
    shape = "%Y-%m-%dT%H:%M:%S.%f" if "." in text else "%Y-%m-%dT%H:%M:%S"
    return datetime.strptime(text, shape).replace(tzinfo=timezone.utc).timestamp()


def eventually(what, seconds, look, pause=0.1, machines=()):
    """Waits until something is so; where it never is, tells what the machines see, and ends the run.

    Gives the moment at which the look began that found it so.
    """
    end = time.time() + seconds
    while time.time() < end:
        begin = time.time()
        if look():
            return begin
        time.sleep(pause)
    views = collections.Counter()
    for machine in machines:
        status = machine.ask("/v1/status")
        views["no answer" if not status else f"{status['members']}, view {status['viewDigest'][:6]}"] += 1
    for view, count in views.most_common(8):
        print(f"  {count} agents: {view}")
    raise SystemExit(f"agents: never within {seconds} s: {what}")
