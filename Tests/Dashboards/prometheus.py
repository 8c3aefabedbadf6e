"""A real Prometheus that scrapes the agents of a village."""

import json
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

# Past proxies of the environment: it is this machine that is asked.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Doorway:
    """Lets TCP at a loopback port through to an agent's Unix socket."""

    def __init__(self, path):
        self.path = path
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                visitor, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.let_through, args=(visitor,), daemon=True).start()

    def let_through(self, visitor):
        with visitor, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as agent:
            try:
                agent.connect(self.path)
                back = threading.Thread(target=pump, args=(agent, visitor), daemon=True)
                back.start()
                pump(visitor, agent)
                back.join()
            except OSError:
                pass  # Whoever asked sees that the connection ends.

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def pump(source, sink):
    """Passes bytes on until their end, and the end as well."""
    try:
        while data := source.recv(65_536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


class Prometheus:
    """Starts with the `with` block, and ends with it."""

    def __init__(self, village, rules):
        self.village = village
        self.rules = rules
        self.doorways = []
        self.process = None

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.kill()
            self.process.wait()
        for doorway in self.doorways:
            doorway.close()

    def start(self):
        self.doorways = [Doorway(f"{machine.home}/s") for machine in self.village.machines]
        jobs = [
            {"targets": [f"127.0.0.1:{doorway.port}"], "labels": {"instance": machine.name}}
            for machine, doorway in zip(self.village.machines, self.doorways)
        ]
        # JSON is YAML.
        configuration = json.dumps({
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(file) for file in self.rules],
            "scrape_configs": [{"job_name": "grapevine", "static_configs": jobs}],
        })
        scratch = self.village.scratch
        with open(f"{scratch}/prometheus.yml", "w", encoding="utf-8") as file:
            file.write(configuration)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        with open(f"{scratch}/prometheus.log", "ab") as log:
            self.process = subprocess.Popen(
                [
                    "prometheus", f"--config.file={scratch}/prometheus.yml",
                    f"--storage.tsdb.path={scratch}/prometheus",
                    f"--web.listen-address=127.0.0.1:{self.port}",
                ],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )
        end = time.time() + 30
        while not self.is_ready():
            if time.time() > end or self.process.poll() is not None:
                with open(f"{scratch}/prometheus.log", encoding="utf-8") as log:
                    raise SystemExit(f"dashboards: Prometheus does not start:\n{log.read()[-2000:]}")
            time.sleep(0.1)

    def is_ready(self):
        try:
            with OPENER.open(f"http://127.0.0.1:{self.port}/-/ready", timeout=2) as reply:
                return reply.status == 200
        except OSError:
            return False

    def ask(self, path, **query):
        """The data of an answer.

        Raises HTTPError where Prometheus refuses the question.
        """
        url = f"http://127.0.0.1:{self.port}{path}?{urllib.parse.urlencode(query)}"
        with OPENER.open(url, timeout=10) as reply:
            return json.loads(reply.read())["data"]

    def query(self, expression):
        """The series of an expression now, or a complaint."""
        try:
            return self.ask("/api/v1/query", query=expression)["result"]
        except urllib.error.HTTPError as error:
            return json.loads(error.read())["error"]
