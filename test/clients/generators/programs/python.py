import json
import sys
import time

import diorama_client
import diorama_client.api.clusters_api
import kubernetes_client
import kubernetes_client.api.apps_v1_api
from diorama_client.models.cluster_request import ClusterRequest
from diorama_client.models.cluster_request_nodes import ClusterRequestNodes
from kubernetes_client.models.io_k8s_api_apps_v1_deployment import IoK8sApiAppsV1Deployment

platform_client = diorama_client.ApiClient(diorama_client.Configuration(host=sys.argv[1]))
platform = diorama_client.api.clusters_api.ClustersApi(platform_client)
cluster = platform.create_cluster(ClusterRequest(nodes=ClusterRequestNodes(3)))
bare = platform.create_cluster()

try:
    platform.create_cluster(ClusterRequest(name="Not A Name"))
    pointer = None
except (diorama_client.ApiException, ValueError):
    # Either side refuses it: the client knows the pattern of a name.
    pointer = "/name"

platform_client.set_default_header("authorization", f"Bearer {cluster.token}")
listed = platform.list_clusters(limit=1)

configuration = kubernetes_client.Configuration(host=cluster.server)
kubernetes = kubernetes_client.ApiClient(configuration, "authorization", f"Bearer {cluster.token}")
apps = kubernetes_client.api.apps_v1_api.AppsV1Api(kubernetes)
labels = {"app": "web"}
apps.create_apps_v1_namespaced_deployment(
    "default",
    IoK8sApiAppsV1Deployment.from_dict(
        {
            "metadata": {"name": "web"},
            "spec": {
                "replicas": 3,
                "selector": {"matchLabels": labels},
                "template": {
                    "metadata": {"labels": labels},
                    "spec": {"containers": [{"name": "nginx", "image": "nginx"}]},
                },
            },
        }
    ),
)
while True:
    deployment = apps.read_apps_v1_namespaced_deployment("web", "default")
    if deployment.status.ready_replicas == 3:
        break
    time.sleep(0.1)

for one in (cluster, bare):
    platform_client.set_default_header("authorization", f"Bearer {one.token}")
    platform.delete_cluster(one.id)

print(
    json.dumps(
        {
            "listed": [item.id == cluster.id for item in listed.items],
            "pointer": pointer,
            "deployment": deployment.metadata.name,
        }
    )
)
