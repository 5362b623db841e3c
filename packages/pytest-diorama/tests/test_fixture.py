"""The fixture, as the tests of others use it."""

import stat

import pytest

from pytest_diorama import ApiError

PODS = "/api/v1/namespaces/default/pods"
POD = {"metadata": {"name": "a"}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}
SEEN = []


def test_a_pod_runs(diorama):
    diorama.request("POST", PODS, POD)
    diorama.wait_until_settled()
    assert diorama.request("GET", f"{PODS}/a")["status"]["phase"] == "Running"
    SEEN.append(diorama.id)


def test_each_test_has_a_cluster_of_its_own(diorama):
    assert diorama.request("GET", PODS)["items"] == []
    assert diorama.id not in SEEN


@pytest.mark.diorama(nodes=1, clock={"start": "2026-01-05T10:00:00Z", "paused": True})
def test_is_made_as_its_marker_says_and_steps_its_clock(diorama):
    assert len(diorama.request("GET", "/api/v1/nodes")["items"]) == 1
    assert diorama.advance(3600)["time"] == "2026-01-05T11:00:00.000Z"
    assert diorama.resume()["paused"] is False
    assert diorama.pause()["paused"] is True


@pytest.mark.diorama(nodes=4)
class TestInAClass:
    def test_has_its_marker(self, diorama):
        assert len(diorama.request("GET", "/api/v1/nodes")["items"]) == 4

    @pytest.mark.diorama(nodes=2)
    def test_and_the_nearer_one_counts(self, diorama):
        assert len(diorama.request("GET", "/api/v1/nodes")["items"]) == 2


def test_says_what_is_refused(diorama):
    with pytest.raises(ApiError, match='pods "none" not found') as refused:
        diorama.request("GET", f"{PODS}/none")
    assert (refused.value.status, refused.value.body["reason"]) == (404, "NotFound")
    patched = diorama.request("PATCH", "/api/v1/namespaces/default", {"metadata": {"labels": {"a": "b"}}})
    assert patched["metadata"]["labels"]["a"] == "b"


def test_has_a_kubeconfig(diorama):
    path = diorama.kubeconfig_file
    assert diorama.token in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_may_delete_its_cluster(diorama):
    diorama.delete()


@pytest.mark.parametrize("number", range(100))
def test_a_hundred(diorama, number):
    assert diorama.request("GET", PODS)["items"] == []
