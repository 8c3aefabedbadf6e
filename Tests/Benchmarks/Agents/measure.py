"""What 50 real agents do on one machine, each figure beside its target.

    measure.py --binary PATH [--nodes 50] [--crashes 3] [--cut 60] [--idle 60] [--table none]
"""

import argparse
import os
import signal
import statistics
import sys
import time

from village import Village, eventually


def main():
    options = read_options()
    if os.geteuid() != 0:
        raise SystemExit("agents: network namespaces need root; try: sudo make bench-agents")
    # However it ends, the village is cleared.
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(130))
    with Village(options.binary, options.nodes, options.table) as village:
        print(f"{options.nodes} agents, a load of {os.getloadavg()[0]:.1f} from other work at the start")
        meet(village)
        rest(village, options.idle)
        for number in range(options.crashes):
            crash(village, number, "process", options)
        for number in range(options.crashes):
            crash(village, number, "machine", options)
        tell_crashes(options)
        part(village, options.cut)


def read_options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--nodes", type=int, default=50)
    parser.add_argument("--crashes", type=int, default=3)
    parser.add_argument("--cut", type=float, default=60)
    parser.add_argument("--idle", type=float, default=60)
    parser.add_argument("--table", default="none", choices=["none", "iptables"])
    return parser.parse_args()


def figure(what, unit, reached, target=None, n=1, note=""):
    """One line: what was measured, of how many samples, and what was wanted of it."""
    mark = " " if target is None else "✓" if reached <= target else "✗"
    wanted = "" if target is None else f"≤ {target:g} {unit}"
    print(f"{mark} {what:<52} {wanted:<12} {reached:10.2f} {unit:<6} n={n:<5} {note}", flush=True)


def all_alive(machines, count):
    """Whether each of them sees so many alive."""
    for machine in machines:
        status = machine.ask("/v1/status")
        # One that starts says for a moment that it is not ready.
        if not status or status.get("members", {}).get("alive") != count:
            return False
    return True


def all_equal(machines, count):
    """Whether each sees so many alive, and all see the same."""
    digests = set()
    for machine in machines:
        status = machine.ask("/v1/status")
        # One that starts says for a moment that it is not ready.
        if not status or status.get("members", {}).get("alive") != count:
            return False
        digests.add(status["viewDigest"])
        if len(digests) > 1:
            return False
    return True


def service(name, machine):
    return f"""apiVersion: v1
kind: Service
metadata: {{name: {name}}}
spec: {{ports: [{{port: 80}}]}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {{name: {name}-{machine.name}, labels: {{kubernetes.io/service-name: {name}}}}}
addressType: IPv4
endpoints: [{{addresses: [{machine.address}]}}]
ports: [{{port: 8080}}]
"""


def meet(village):
    machines = village.machines
    seed = machines[0]
    begin = time.time()
    for machine in machines:
        machine.start([] if machine is seed else [seed])
    started = time.time() - begin
    count = len(machines)
    end = eventually("all see all", 120, lambda: all_alive(machines, count), pause=0.05, machines=machines)
    figure("from the first start until all see all (T10)", "s", end - begin, 10, n=1,
           note=f"starting alone took {started:.1f} s")
    # A service of each machine, so that there is something to agree on.
    for machine in machines:
        machine.apply(service(f"own-{machine.name}", machine))
    applied = time.time()
    end = eventually("all agree", 60, lambda: all_equal(machines, count), pause=0.05, machines=machines)
    figure("after the last of as many services until all are equal", "s", end - applied, n=1)


def gossip(machine):
    return machine.ask("/v1/status")["gossip"]


def rest(village, seconds):
    """What an agent costs that has nothing to do."""
    machines = village.machines
    # Whoever was met just now is sent a datagram of the full size: sixteen of them, one each three seconds.
    time.sleep(75)
    before = [(gossip(m), m.ticks(), m.waited()) for m in machines]
    begin = time.time()
    time.sleep(seconds)
    after = [(gossip(m), m.ticks(), m.waited()) for m in machines]
    length = time.time() - begin
    count = len(machines)

    def rates(read):
        return [(read(b) - read(a)) / length for a, b in zip(before, after)]

    for direction in ("Sent", "Received"):
        values = rates(lambda sample: sample[0][f"bytes{direction}"] / 1000)
        figure(f"idle, payload {direction.lower()} a node, mean (T9)", "KB/s", statistics.mean(values), 0.6,
               n=count, note=f"greatest {max(values):.2f}")
    packets = rates(lambda sample: sample[0]["packetsSent"])
    figure("idle, packets sent a node, mean", "/s", statistics.mean(packets), n=count)
    cpu = [100 * value for value in rates(lambda sample: sample[1])]
    figure("idle, processor of an agent, mean", "%", statistics.mean(cpu), n=count, note=f"greatest {max(cpu):.2f}")
    resident = [machine.resident() for machine in machines]
    figure("memory of an agent, mean", "MiB", statistics.mean(resident), n=count, note=f"greatest {max(resident):.1f}")
    waits = [1000 * value for value in rates(lambda sample: sample[2])]
    figure("waiting for a processor, a second and agent, greatest", "ms", max(waits), n=count,
           note="above 50: this machine is too busy for a verdict" if max(waits) > 50 else "")


crashes = {"process": ([], []), "machine": ([], [])}


def crash(village, number, kind, options):
    """Kills one, and reads in the logs of the others when each took note."""
    machines = village.machines
    victim = machines[(7 + 11 * number + (3 if kind == "machine" else 0)) % len(machines)]
    others = [machine for machine in machines if machine is not victim]
    sizes = {machine.name: machine.size() for machine in others}
    begin = time.time()
    if kind == "machine":
        # Cable first: no farewell, and no word of ICMP.
        victim.plug("down")
    victim.kill()

    def times(state):
        return [machine.changes(victim.name, state, sizes[machine.name]) for machine in others]

    eventually(f"all bury {victim.name}", 60, lambda: None not in times("dead"), pause=0.5, machines=others)
    suspected, dead = crashes[kind]
    # Whoever hears of it late may bury it at once.
    for suspect, died in zip(times("suspect"), times("dead")):
        suspected.append(min(suspect or died, died) - begin)
        dead.append(died - begin)
    # What the logs say must be so.
    for machine in others:
        listed = {item["name"]: item["state"] for item in machine.ask("/v1/members")["items"]}
        if listed[victim.name] != "dead":
            raise SystemExit(f"agents: {machine.name} says {victim.name} is {listed[victim.name]}")
    if kind == "machine":
        victim.plug("up")
    victim.start([machines[0] if victim is not machines[0] else machines[1]])
    eventually("it is back", 60, lambda: all_equal(machines, len(machines)), machines=machines)
    # Another ten seconds, in which the logs say each change anew.
    time.sleep(10)


def tell_crashes(options):
    for kind, words in (("process", "kill -9"), ("machine", "the cable pulled")):
        suspected, dead = crashes[kind]
        if not dead:
            continue
        note = f"of {options.crashes} crashes; median {statistics.median(suspected):.2f}"
        figure(f"{words}: out of rotation, last of all others (T5)", "s", max(suspected), 2, len(suspected), note)
        note = f"of {options.crashes} crashes; median {statistics.median(dead):.2f}"
        figure(f"{words}: dead, last of all others (T5)", "s", max(dead), 4, len(dead), note)


def part(village, seconds):
    """Two halves for a minute, both change something, and come together again."""
    machines = village.machines
    middle = len(machines) // 2
    halves = machines[:middle], machines[middle:]
    village.split(*halves)
    begin = time.time()
    for half in halves:
        eventually("each half buries the other", 60, lambda: all_alive(half, len(half)), pause=0.5, machines=half)
    figure("cut in halves: each sees its own half alone", "s", time.time() - begin, n=len(machines))
    for half in halves:
        for machine in half[: max(1, len(half) // 20)]:
            machine.apply(service(f"cut-{machine.name}", machine))
    time.sleep(max(0, begin + seconds - time.time()))
    lost = village.swallowed()
    if lost == 0:
        raise SystemExit("agents: the cut swallowed nothing")
    before = [gossip(machine) for machine in machines]
    healed = time.time()
    village.heal()
    end = eventually(
        "all are equal again", 120, lambda: all_equal(machines, len(machines)), pause=0.02, machines=machines
    )
    figure("healed: until all are equal and see all (T7)", "s", end - healed, 5, n=len(machines),
           note=f"the cut swallowed {lost} packets")
    sent = [(gossip(m)["bytesSent"] - b["bytesSent"]) / 1000 for m, b in zip(machines, before)]
    figure("healed: payload sent a node until then, mean", "KB", statistics.mean(sent), n=len(machines),
           note=f"greatest {max(sent):.1f}")


if __name__ == "__main__":
    main()
