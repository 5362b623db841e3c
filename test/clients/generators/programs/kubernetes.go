// Makes a deployment with a generated client, and waits for its pods.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	client "example.test/diorama/kubernetes"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	ctx := context.Background()
	configuration := client.NewConfiguration()
	configuration.Servers = client.ServerConfigurations{{URL: os.Args[1]}}
	configuration.AddDefaultHeader("authorization", "Bearer "+os.Args[2])
	apps := client.NewAPIClient(configuration).AppsV1API

	labels := map[string]string{"app": "web"}
	selector := client.NewIoK8sApimachineryPkgApisMetaV1LabelSelector()
	selector.SetMatchLabels(labels)
	container := client.NewIoK8sApiCoreV1Container("nginx")
	container.SetImage("nginx")
	podMetadata := client.NewIoK8sApimachineryPkgApisMetaV1ObjectMeta()
	podMetadata.SetLabels(labels)
	template := client.NewIoK8sApiCoreV1PodTemplateSpec()
	template.SetMetadata(*podMetadata)
	template.SetSpec(*client.NewIoK8sApiCoreV1PodSpec([]client.IoK8sApiCoreV1Container{*container}))
	spec := client.NewIoK8sApiAppsV1DeploymentSpec(*selector, *template)
	spec.SetReplicas(3)
	metadata := client.NewIoK8sApimachineryPkgApisMetaV1ObjectMeta()
	metadata.SetName("web")
	deployment := client.NewIoK8sApiAppsV1Deployment(*spec)
	deployment.SetMetadata(*metadata)

	_, _, err := apps.CreateAppsV1NamespacedDeployment(ctx, "default").Body(*deployment).Execute()
	must(0, err)
	for {
		read, _, err := apps.ReadAppsV1NamespacedDeployment(ctx, "web", "default").Execute()
		must(read, err)
		if read.Status.GetReadyReplicas() == 3 {
			fmt.Print(read.Metadata.GetName())
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}
