package diorama

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

const pods = "/api/v1/namespaces/default/pods"

type object map[string]any

var pod = object{
	"metadata": object{"name": "a"},
	"spec":     object{"containers": []object{{"name": "c", "image": "nginx"}}},
}

func TestAPodRuns(t *testing.T) {
	cluster := New(t, nil)
	if err := cluster.Request("POST", pods, pod, nil); err != nil {
		t.Fatal(err)
	}
	cluster.WaitUntilSettled(t)
	var got struct{ Status struct{ Phase string } }
	if err := cluster.Request("GET", pods+"/a", nil, &got); err != nil || got.Status.Phase != "Running" {
		t.Fatalf("%v, %v", got, err)
	}
}

func TestIsMadeAsItsOptionsSayAndStepsItsClock(t *testing.T) {
	cluster := New(t, Options{"nodes": 1, "clock": Options{"start": "2026-01-05T10:00:00Z", "paused": true}})
	var nodes struct{ Items []object }
	if err := cluster.Request("GET", "/api/v1/nodes", nil, &nodes); err != nil || len(nodes.Items) != 1 {
		t.Fatalf("%v, %v", nodes, err)
	}
	clock, err := cluster.Advance(time.Hour)
	if err != nil || !clock.Time.Equal(time.Date(2026, 1, 5, 11, 0, 0, 0, time.UTC)) {
		t.Fatalf("%v, %v", clock, err)
	}
	if err := cluster.Resume(); err != nil {
		t.Fatal(err)
	}
	if clock, err := cluster.Clock(); err != nil || clock.Paused {
		t.Fatalf("%v, %v", clock, err)
	}
	if err := cluster.Pause(); err != nil {
		t.Fatal(err)
	}
}

func TestIsReachedWithWhatAConfigTakes(t *testing.T) {
	cluster := New(t, Options{"nodes": 0})
	if os.Getenv("DIORAMA_SERVER") == "" && !strings.HasPrefix(cluster.Host, "https://localhost:") {
		t.Fatalf("the host is %s", cluster.Host)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(cluster.CA)
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	request, _ := http.NewRequest("GET", cluster.Host+pods, nil)
	request.Header.Set("Authorization", "Bearer "+cluster.Token)
	response, err := client.Do(request)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%v, %v", response, err)
	}
	response.Body.Close()
	text, err := os.ReadFile(cluster.KubeconfigFile(t))
	if err != nil || !strings.Contains(string(text), cluster.Token) {
		t.Fatalf("%s, %v", text, err)
	}
}

func TestSaysWhatIsRefused(t *testing.T) {
	cluster := New(t, Options{"nodes": 0})
	err := cluster.Request("GET", pods+"/none", nil, nil)
	if !isNotFound(err) || !strings.Contains(err.Error(), `pods \"none\" not found`) {
		t.Fatal(err)
	}
	labels := object{"metadata": object{"labels": object{"a": "b"}}}
	if err := cluster.Request("PATCH", "/api/v1/namespaces/default", labels, nil); err != nil {
		t.Fatal(err)
	}
	if err := cluster.Delete(); err != nil {
		t.Fatal(err)
	}
}

func TestAHundred(t *testing.T) {
	for i := 0; i < 100; i++ {
		t.Run("", func(t *testing.T) {
			if err := New(t, nil).Request("GET", pods, nil, nil); err != nil {
				t.Fatal(err)
			}
		})
	}
}
