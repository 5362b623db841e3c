"""A fresh simulated Kubernetes cluster for each test: the fixture `diorama`.

    def test_a_pod_runs(diorama):
        diorama.request("POST", "/api/v1/namespaces/default/pods", POD)
        diorama.wait_until_settled()
        assert diorama.request("GET", "/api/v1/namespaces/default/pods/a")["status"]["phase"] == "Running"

What a cluster is made with stands in a marker, `@pytest.mark.diorama(nodes=1)`, with the fields of `POST /v1/clusters`.

The server is that of the variable DIORAMA_SERVER, or one that is started for the session with `npx kube-diorama up`, or with the command in
the variable DIORAMA_COMMAND in the place of `npx kube-diorama`. It needs Node, and `npm install kube-diorama` beside the tests.
"""

import json
import os
import shlex
import subprocess
import time
import urllib.error
import urllib.request

import pytest

# npx is to run what is installed, and to fetch nothing.
_COMMAND = "npx --no -- kube-diorama"
_UP = ["up", "--port=0", "--https-port=0", "--temporary", "--json", "--until-input-ends"]
# A server that is too busy says itself when to come again.
_MAX_TRIES = 20


class ApiError(Exception):
    """An answer that is no success. `body` is Kubernetes' Status, or a problem document of the platform."""

    def __init__(self, request, status, body):
        words = body.get("message") or body.get("detail") or body.get("title") if isinstance(body, dict) else body
        super().__init__(f"{request} answered {status}: {words}")
        self.status = status
        self.body = body


def _send(method, url, body=None, token=None, content_type="application/json"):
    headers = {"accept": "application/json"}
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    data = None
    if body is not None:
        headers["content-type"] = content_type
        data = (body if isinstance(body, str) else json.dumps(body)).encode()
    for attempt in range(_MAX_TRIES):
        request = urllib.request.Request(url, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return _content(answer)
        except urllib.error.HTTPError as error:
            if error.code != 429 or attempt == _MAX_TRIES - 1:
                raise ApiError(f"{method} {url}", error.code, _content(error)) from None
            time.sleep(float(error.headers.get("retry-after", 1)))


def _content(answer):
    text = answer.read().decode()
    if not text:
        return None
    return json.loads(text) if "json" in answer.headers.get("content-type", "") else text


class Cluster:
    """A cluster of a test's own. Paths are those of the Kubernetes API: `/api/v1/namespaces/default/pods`."""

    def __init__(self, platform, made, folder):
        self.id = made["id"]
        self.name = made["name"]
        #: The address of its Kubernetes API, over plain http from a local server.
        self.server = made["server"]
        #: The token of its admin.
        self.token = made["token"]
        self._url = f"{platform}/v1/clusters/{self.id}"
        self._folder = folder

    def request(self, method, path, body=None, content_type=None):
        """JSON there and back. A PATCH is a merge patch unless `content_type` says otherwise. Raises ApiError."""
        default = "application/merge-patch+json" if method == "PATCH" else "application/json"
        return _send(method, self.server + path, body, self.token, content_type or default)

    def kubeconfig(self):
        """The text of a kubeconfig, for kubectl and for client libraries."""
        return _send("GET", f"{self._url}/kubeconfig", token=self.token)

    @property
    def kubeconfig_file(self):
        """The path of a kubeconfig in the test's temporary folder."""
        path = self._folder / "kubeconfig"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(self.kubeconfig())
        return path

    def clock(self):
        return _send("GET", f"{self._url}/clock", token=self.token)

    def advance(self, seconds):
        """Goes forward by so many seconds, and does what is due on the way, each at its own instant."""
        clock = self._change_clock({"advance": seconds})
        while not clock["done"]:
            time.sleep(0.1)
            clock = self.clock()
        return clock

    def pause(self):
        """Its time stands still."""
        return self._change_clock({"paused": True})

    def resume(self):
        """Its time goes on."""
        return self._change_clock({"paused": False})

    def wait_until_settled(self, timeout=30):
        """Until controllers, scheduler and kubelets have nothing left to do at the cluster's time; what is due later is not waited for."""
        until = time.monotonic() + timeout
        pause = 0.002
        while not self.clock()["settled"]:
            if time.monotonic() > until:
                raise TimeoutError(f"the cluster has not come to rest within {timeout} seconds")
            time.sleep(pause)
            pause = min(pause * 2, 0.1)

    def delete(self):
        _send("DELETE", self._url, token=self.token)

    def _change_clock(self, change):
        return _send("PATCH", f"{self._url}/clock", change, self.token)


def pytest_configure(config):
    config.addinivalue_line("markers", "diorama(**fields): what the test's cluster is made with, as in POST /v1/clusters")


@pytest.fixture(scope="session")
def diorama_server():
    """The address of the server on which clusters are made."""
    given = os.environ.get("DIORAMA_SERVER")
    if given:
        yield given.rstrip("/")
        return
    command = shlex.split(os.environ.get("DIORAMA_COMMAND") or _COMMAND)
    # It ends when its input does, and that ends with this process, however it ends.
    with subprocess.Popen([*command, *_UP], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        line = process.stdout.readline()
        if not line:
            pytest.fail(f"{shlex.join(command)} up has ended: set DIORAMA_SERVER, or npm install kube-diorama")
        yield json.loads(line)["url"]
        process.stdin.close()


@pytest.fixture
def diorama(diorama_server, request, tmp_path):
    """A cluster of the test's own, which is deleted after it."""
    fields = {}
    for marker in reversed(list(request.node.iter_markers("diorama"))):
        fields.update(marker.kwargs)
    made = _send("POST", f"{diorama_server}/v1/clusters", fields)
    cluster = Cluster(diorama_server, made, tmp_path)
    yield cluster
    try:
        cluster.delete()
    except ApiError as error:
        # The test may have deleted it.
        if error.status != 404:
            raise
