"""One machine whose agent writes real rules and answers for names, a town with endpoints beside it,
and a container behind the machine: three network namespaces. All of it is gone afterwards."""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

ENDPOINTS = ["10.1.2.5", "10.1.2.6"]


class Failed(Exception):
    pass


class Place:
    def __init__(self, program):
        self.program = os.path.abspath(program)
        self.run_name = f"gvn-{os.getpid()}"
        self.machine = f"{self.run_name}-m"
        self.town = f"{self.run_name}-t"
        self.container = f"{self.run_name}-c"
        self.directory = tempfile.mkdtemp(prefix="gvn-")
        os.chmod(self.directory, 0o755)
        self.processes = []

    def path(self, name):
        return os.path.join(self.directory, name)

    # Programs

    def run(self, *words, space=None, check=True, text=None, within=30):
        words = [str(word) for word in words]
        if space:
            words = ["ip", "netns", "exec", space] + words
        done = subprocess.run(words, capture_output=True, text=True, input=text, timeout=within)
        if check and done.returncode != 0:
            raise Failed(f"{' '.join(words)}: exit {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def start(self, name, *words, space=None):
        words = [str(word) for word in words]
        if space:
            words = ["ip", "netns", "exec", space] + words
        log = open(self.path(f"{name}.log"), "w")
        process = subprocess.Popen(words, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self.processes.append(process)
        return process

    def stop(self, process):
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self.processes.remove(process)

    def log(self, name):
        with open(self.path(f"{name}.log")) as file:
            return file.read()

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)
        return self.path(name)

    def grapevine(self, *words, check=True, text=None):
        return self.run(
            self.program, *words, "--socket", self.path("s"), space=self.machine, check=check,
            text=text)

    def apply(self, yaml):
        return self.grapevine("apply", "-f", "-", text=yaml)

    # Making and clearing

    def __enter__(self):
        try:
            self.build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def build(self):
        run = self.run
        for space in (self.machine, self.town, self.container):
            run("ip", "netns", "add", space)
            run("ip", "-n", space, "link", "set", "lo", "up")
        run("ip", "-n", self.machine, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0",
            "netns", self.town)
        self.address(self.machine, "eth0", "10.79.0.1/24")
        self.address(self.town, "eth0", "10.79.0.2/24")
        for endpoint in ENDPOINTS:
            run("ip", "-n", self.town, "addr", "add", f"{endpoint}/32", "dev", "lo")
        run("ip", "-n", self.machine, "route", "add", "10.1.2.0/24", "via", "10.79.0.2")
        # A container as docker makes them: a bridge with a range that no bundle knows of.
        run("ip", "-n", self.machine, "link", "add", "docker0", "type", "bridge")
        self.address(self.machine, "docker0", "172.31.0.1/24")
        run("ip", "-n", self.machine, "link", "add", "c0", "type", "veth", "peer", "name", "eth0",
            "netns", self.container)
        run("ip", "-n", self.machine, "link", "set", "c0", "master", "docker0", "up")
        self.address(self.container, "eth0", "172.31.0.2/24")
        run("ip", "-n", self.container, "route", "add", "default", "via", "172.31.0.1")
        for space in (self.machine, self.container):
            # `ip netns exec` binds it over /etc/resolv.conf.
            os.makedirs(f"/etc/netns/{space}")
            with open(f"/etc/netns/{space}/resolv.conf", "w") as file:
                file.write("nameserver 10.96.0.10\nsearch default.svc.cluster.local\n")
        self.serve()

    def address(self, space, interface, address):
        self.run("ip", "-n", space, "addr", "add", address, "dev", interface)
        self.run("ip", "-n", space, "link", "set", interface, "up")

    def serve(self):
        script = self.write("serve.py", """
import http.server, sys, threading
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        body = self.server.server_address[0].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words): pass
for address in sys.argv[1:]:
    server = http.server.ThreadingHTTPServer((address, 8080), Handler)
    threading.Thread(target=server.serve_forever).start()
""")
        self.start("town", "python3", script, *ENDPOINTS, space=self.town)

    def start_agent(self, *more):
        root = self.path("root")
        if not os.path.exists(root):
            self.run(self.program, "trust", "init", "--dir", root, "--cluster", "home",
                     "--service-cidr", "10.96.0.0/16")
            self.run(self.program, "trust", "issue", "--dir", root, "--name", "m", "--address",
                     "10.79.0.1", "--pod-cidr", "10.1.2.0/24", "--out", self.path("m.bundle"))
        agent = self.start(
            "agent", self.program, "agent", "--bundle", self.path("m.bundle"), "--data-dir",
            self.path("data"), "--socket", self.path("s"), "--bind", "10.79.0.1:7747", *more,
            space=self.machine)
        eventually("the agent answers", lambda: self.status() is not None)
        return agent

    def status(self):
        text = self.grapevine("status", "-o", "json", check=False)
        return json.loads(text) if text.startswith("{") else None

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.send_signal(signal.SIGKILL)
            process.wait()
        for space in (self.machine, self.town, self.container):
            subprocess.run(["ip", "netns", "del", space], capture_output=True)
            shutil.rmtree(f"/etc/netns/{space}", ignore_errors=True)
        shutil.rmtree(self.directory, ignore_errors=True)


def eventually(what, condition, seconds=30):
    """Waits until something is so, and returns what it came to."""
    end = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise Failed(f"never happened in {seconds} s: {what}")
        time.sleep(0.05)
