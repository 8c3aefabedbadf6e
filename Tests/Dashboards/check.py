#!/usr/bin/env python3
"""Asks a real Prometheus, which scrapes three real agents, everything that dashboards and alerts ask.

    Tests/Dashboards/check.py [--binary PATH]

Fails where a metric does not exist, a panel shows nothing, an alert fires in a healthy cluster, or
promtool complains. Machines are network namespaces; needs root, and leaves nothing behind.
"""

import argparse
import json
import pathlib
import re
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Benchmarks" / "Agents"))

import draw  # noqa: E402
import panels  # noqa: E402
from bustle import Bustle  # noqa: E402
from prometheus import Prometheus  # noqa: E402
from village import Village, eventually  # noqa: E402

RULES = sorted((draw.FOLDER / "rules").glob("*.yml"))
# What one point of a panel looks back; Grafana makes it of the scrape interval.
LOOKS_BACK = "25s"
# Seconds in which something happens before anything is asked.
BUSTLE = 30
NAME = re.compile(r"\b(?:grapevine|process)_[a-z0-9_]+\b|\bup\b|\bALERTS\b")
# Words of PromQL that look like names of metrics, and what is in quotes or braces is none.
NO_NAMES = re.compile(r'"[^"]*"|\b(?:by|on|ignoring|group_left) \([^)]*\)')


def concrete(expression):
    """An expression as Prometheus takes it, with every choice made."""
    every = {"$job": ".+", "$instance": ".+", "$__rate_interval": LOOKS_BACK}
    for variable, value in every.items():
        expression = expression.replace(variable, value)
    return expression


def metrics_of(expression):
    return sorted(set(NAME.findall(NO_NAMES.sub("", expression))))


def promtool(*arguments):
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"dashboards: promtool {arguments[0]} {arguments[1]}:\n{done.stdout}{done.stderr}")


def check_pages(alerts):
    """Each alert has a page, and each page an alert; each has a case that fires and a silent one."""
    pages = re.findall(r"(?m)^### (\w+)$", (draw.FOLDER / "RUNBOOK.md").read_text(encoding="utf-8"))
    tests = "".join(file.read_text(encoding="utf-8") for file in (draw.FOLDER / "rules" / "tests").glob("*.yml"))
    faults = [f"RUNBOOK.md and the rules differ in {name}" for name in sorted(set(pages) ^ set(alerts))]
    for name, alert in sorted(alerts.items()):
        if alert["annotations"].get("runbook") != f"RUNBOOK.md#{name.lower()}":
            faults.append(f"{name}: its runbook is not RUNBOOK.md#{name.lower()}")
        for word in ("fires", "is silent"):
            if f"- name: {name} {word}\n" not in tests:
                faults.append(f"{name}: no test in which it {word}")
    return faults


class Examination:
    """What Prometheus answers to what we ask, and what is wrong with that."""

    def __init__(self, prometheus):
        self.prometheus = prometheus
        self.names = set(prometheus.ask("/api/v1/label/__name__/values"))
        self.faults = []
        self.asked = self.empty = self.waiting = 0

    def exists(self, name):
        """Whether there is such a metric; ALERTS is there while something fires."""
        return name in self.names or name == "ALERTS"

    def look(self, where, expression, may_be_empty=False):
        """Asks one thing; a fault where it cannot be answered."""
        self.asked += 1
        names = metrics_of(expression)
        if not names:
            self.faults.append(f"{where}: asks for no metric: {expression}")
        missing = [name for name in names if not self.exists(name)]
        awaited = [name for name in missing if re.sub("_(bucket|sum|count)$", "", name) in panels.AWAITED]
        for name in missing:
            if name not in awaited:
                self.faults.append(f"{where}: there is no metric {name}")
        result = self.prometheus.query(concrete(expression))
        if isinstance(result, str):
            self.faults.append(f"{where}: {result}: {expression}")
        elif awaited:
            self.waiting += 1
        elif not missing and not any(sample["value"][1] != "NaN" for sample in result):
            self.empty += 1
            if not may_be_empty:
                self.faults.append(f"{where}: no data: {expression}")

    def look_at_dashboard(self, file):
        board = json.loads(file.read_text(encoding="utf-8"))
        for panel in board["panels"]:
            where = f"{file.name}: {panel['title']}"
            if not panel.get("description") or not panel["fieldConfig"]["defaults"].get("unit"):
                self.faults.append(f"{where}: has no description or no unit")
            for target in panel["targets"]:
                self.look(where, target["expr"], panel["title"] in panels.EMPTY_IN_HEALTH)
        for mark in board["annotations"]["list"]:
            self.look(f"{file.name}: marks of {mark['name']}", mark["expr"], may_be_empty=True)
        for variable in board["templating"]["list"]:
            asks = re.match(r"label_values\(([^,{]+)", str(variable.get("definition", "")))
            if asks and not self.exists(asks[1]):
                self.faults.append(f"{file.name}: the choice of {variable['name']} asks for {asks[1]}")

    def look_at_rules(self):
        """Every rule is evaluated, asks for what exists, and is silent while all is well."""
        alerts = {}
        for group in self.prometheus.ask("/api/v1/rules")["groups"]:
            for rule in group["rules"]:
                name = rule["name"]
                alerts[name] = rule
                if rule["health"] != "ok":
                    self.faults.append(f"{name}: {rule['health']} {rule.get('lastError', '')}")
                # With its time, an alert only waits to fire so soon after the start.
                if rule["state"] != "inactive" and name not in panels.BRIEF:
                    labels = rule["alerts"][0]["labels"]
                    self.faults.append(f"{name}: is {rule['state']} though all is well: {labels}")
                self.look(name, rule["query"], may_be_empty=True)
        return alerts

    def look_at_exceptions(self):
        """An exception that is none any more hides the next mistake."""
        titles = {panel.title for _, _, board in panels.DASHBOARDS.values() for panel in board}
        for title in panels.EMPTY_IN_HEALTH:
            if title not in titles:
                self.faults.append(f"EMPTY_IN_HEALTH: there is no panel {title}")
        for name in panels.AWAITED:
            if any(found.startswith(name) for found in self.names):
                self.faults.append(f"AWAITED: {name} is there now, take it off the list")


def prove(prometheus):
    """The examination sees a metric that is not there, a panel without data, and nonsense."""
    wrong = {
        "grapevine_nonsense_total": "there is no metric",
        "grapevine_members > 1e9": "no data",
        "sum(grapevine_members": "parse error",
    }
    for expression, words in wrong.items():
        trial = Examination(prometheus)
        trial.look("a mistake", expression)
        if not any(words in fault for fault in trial.faults):
            sys.exit(f"dashboards: the check did not notice: {expression}: {trial.faults}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--binary", default=".build/debug/grapevine")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    begin = time.time()
    subprocess.run([sys.executable, "-B", str(HERE / "draw.py"), "--check"], check=True)
    promtool("check", "rules", *map(str, RULES))
    promtool("test", "rules", *map(str, sorted((draw.FOLDER / "rules" / "tests").glob("*.yml"))))
    with Village(options.binary, 3, "iptables") as village:
        for machine in village.machines:
            machine.start([other for other in village.machines if other is not machine])
        eventually("all agents see each other", 60, lambda: all(
            (machine.ask("/v1/status") or {}).get("members", {}).get("alive") == 3
            for machine in village.machines
        ), machines=village.machines)
        with Prometheus(village, RULES) as prometheus, Bustle(village) as bustle:
            bustle.go_on(BUSTLE)
            examination = Examination(prometheus)
            for file in sorted(draw.FOLDER.glob("*.json")):
                examination.look_at_dashboard(file)
            alerts = examination.look_at_rules()
            examination.look_at_exceptions()
            examination.faults += check_pages(alerts)
            prove(prometheus)
    for fault in examination.faults:
        print(f"✗ {fault}")
    print(
        f"dashboards: {examination.asked} questions to {len(examination.names)} metrics, {len(alerts)} alerts; "
        f"{examination.empty} show nothing in health, {examination.waiting} wait for parts that are not there; "
        f"{len(examination.faults)} faults in {time.time() - begin:.0f} s"
    )
    sys.exit(1 if examination.faults else 0)


if __name__ == "__main__":
    main()
