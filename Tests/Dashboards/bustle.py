"""What happens in a healthy cluster: services come and go, are called, and somebody mistypes."""

import subprocess
import time

from village import eventually

SERVICE = """
apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: default}}
spec: {{type: NodePort, ports: [{{port: 80, targetPort: 8080}}]}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {{name: {name}-{machine}, labels: {{kubernetes.io/service-name: {name}}}}}
addressType: IPv4
endpoints: [{{addresses: [{address}]}}]
ports: [{{port: 8080, protocol: TCP}}]
"""

BACKEND = """
import http.server
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.send_header("Content-Length", "3"); self.end_headers(); self.wfile.write(b"ok\\n")
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("", 8080), Answer).serve_forever()
"""


class Bustle:
    """Starts a server on each machine with the `with` block, and ends them with it."""

    def __init__(self, village):
        self.machines = village.machines
        self.servers = []
        self.round = 0

    def __enter__(self):
        for machine in self.machines:
            self.servers.append(subprocess.Popen(
                ["ip", "netns", "exec", machine.space, "python3", "-S", "-c", BACKEND],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            ))
            machine.apply(self.manifest("web", machine))
        return self

    def __exit__(self, *_):
        for server in self.servers:
            server.kill()
            server.wait()

    def manifest(self, name, machine):
        return SERVICE.format(name=name, machine=machine.name, address=machine.address)

    def go_on(self, seconds):
        eventually("web has an address", 20, lambda: self.address() is not None, machines=self.machines)
        end = time.time() + seconds
        while time.time() < end:
            began = time.time()
            self.happen()
            time.sleep(max(0, 1 - (time.time() - began)))

    def happen(self):
        """One second of it."""
        machine = self.machines[self.round // 2 % len(self.machines)]
        name = f"short-{machine.name}"
        if self.round % 2 == 0:
            machine.apply(self.manifest(name, machine))
        elif "items" not in (reply := machine.ask(f"/v1/services/default/{name}", "DELETE") or {}):
            raise SystemExit(f"dashboards: {machine.name} does not delete {name}: {reply}")
        self.round += 1
        machine.ask("/v1/apply", "POST", "kind: Servcie")
        for caller in self.machines:
            for name in ["web.default.svc.cluster.local", "nobody.default.svc.cluster.local"]:
                subprocess.run(
                    ["ip", "netns", "exec", caller.space, "dig", "+tries=1", "+time=1", "@127.0.0.1", "-p", "8653", name],
                    check=False, stdout=subprocess.DEVNULL,
                )
            for _ in range(3):
                subprocess.run(
                    ["ip", "netns", "exec", caller.space, "curl", "-s", "--noproxy", "*", "-m", "2", "-o", "/dev/null",
                     f"http://{self.address()}/"],
                    check=False,
                )

    def address(self):
        listing = self.machines[0].ask("/v1/services") or {"items": []}
        for service in listing["items"]:
            if service["metadata"]["name"] == "web":
                return service["spec"].get("clusterIP")
        return None
