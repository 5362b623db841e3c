// Makes a cluster with a generated client, and prints where it is and its token.
package main

import (
	"context"
	"encoding/json"
	"os"

	client "example.test/diorama/platform"
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
	platform := client.NewAPIClient(configuration).ClustersAPI

	nodes := int32(3)
	request := client.NewClusterRequest()
	request.SetNodes(client.ClusterRequestNodes{Int32: &nodes})
	cluster, _, err := platform.CreateCluster(ctx).ClusterRequest(*request).Execute()
	must(cluster, err)

	wrong := client.NewClusterRequest()
	wrong.SetName("Not A Name")
	_, _, refusal := platform.CreateCluster(ctx).ClusterRequest(*wrong).Execute()
	problem := refusal.(*client.GenericOpenAPIError).Model().(client.Problem)

	configuration.AddDefaultHeader("authorization", "Bearer "+cluster.Token)
	listed, _, err := platform.ListClusters(ctx).Limit(1).Execute()
	must(listed, err)
	same := []bool{}
	for _, item := range listed.Items {
		same = append(same, item.Id == cluster.Id)
	}
	os.Stdout.Write(must(json.Marshal(map[string]any{
		"listed":  same,
		"pointer": problem.Errors[0].Pointer,
		"server":  cluster.Server,
		"token":   cluster.Token,
	})))
}
