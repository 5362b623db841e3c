// Package diorama gives each test a fresh simulated Kubernetes cluster:
//
//	func TestController(t *testing.T) {
//		cluster := diorama.New(t, diorama.Options{"nodes": 1})
//		config := &rest.Config{
//			Host:            cluster.Host,
//			BearerToken:     cluster.Token,
//			TLSClientConfig: rest.TLSClientConfig{CAData: cluster.CA},
//		}
//		…
//	}
//
// The server is that of the variable DIORAMA_SERVER, or one that is started for the test binary with `npx kube-diorama up`, or with the
// command in the variable DIORAMA_COMMAND in the place of `npx kube-diorama`. It needs Node, and `npm install kube-diorama` in the
// package's folder or above it.
package diorama

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// npx is to run what is installed, and to fetch nothing.
const command = "npx --no -- kube-diorama"

// A server that is too busy says itself when to come again.
const maxTries = 20

// Options are the fields of POST /v1/clusters; nil is a cluster of three nodes.
type Options map[string]any

// Cluster is a cluster of a test's own. Its first three fields are what client-go's rest.Config takes.
type Cluster struct {
	// Host is the address of its Kubernetes API, with TLS from a local server.
	Host string
	// Token is that of its admin.
	Token string
	// CA is the authority of Host's certificate, PEM; empty if that is a public one.
	CA []byte

	ID string
	// Kubeconfig is a whole one, for clientcmd and kubectl.
	Kubeconfig []byte

	url string
	api string
}

// Clock is how a cluster's time goes.
type Clock struct {
	Time    time.Time `json:"time"`
	Paused  bool      `json:"paused"`
	Done    bool      `json:"done"`
	Settled bool      `json:"settled"`
}

// Error is an answer that is no success. Body is Kubernetes' Status, or a problem document of the platform.
type Error struct {
	Request string
	Status  int
	Body    []byte
}

func (e *Error) Error() string { return fmt.Sprintf("%s answered %d: %s", e.Request, e.Status, e.Body) }

// New makes a cluster, which is deleted after the test.
func New(t testing.TB, options Options) *Cluster {
	t.Helper()
	platform, err := server()
	if err != nil {
		t.Fatal(err)
	}
	if options == nil {
		options = Options{}
	}
	var made struct{ ID, Server, Token string }
	if err := send("POST", platform+"/v1/clusters", "", options, &made, ""); err != nil {
		t.Fatal(err)
	}
	c := &Cluster{ID: made.ID, Token: made.Token, api: made.Server, url: platform + "/v1/clusters/" + made.ID}
	t.Cleanup(func() {
		// The test may have deleted it.
		if err := c.Delete(); err != nil && !isNotFound(err) {
			t.Error(err)
		}
	})
	var kubeconfig string
	if err := send("GET", c.url+"/kubeconfig", c.Token, nil, &kubeconfig, ""); err != nil {
		t.Fatal(err)
	}
	c.Kubeconfig = []byte(kubeconfig)
	c.Host = c.api
	if found := serverLine.FindStringSubmatch(kubeconfig); found != nil {
		c.Host = found[1]
	}
	if found := caLine.FindStringSubmatch(kubeconfig); found != nil {
		if c.CA, err = base64.StdEncoding.DecodeString(found[1]); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

var (
	serverLine = regexp.MustCompile(`(?m)^ +server: "(.*)"$`)
	caLine     = regexp.MustCompile(`(?m)^ +certificate-authority-data: (.*)$`)
)

func isNotFound(err error) bool {
	refused, ok := err.(*Error)
	return ok && refused.Status == http.StatusNotFound
}

// KubeconfigFile writes the kubeconfig into the test's temporary folder, and answers where it is.
func (c *Cluster) KubeconfigFile(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(path, c.Kubeconfig, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Request sends body as JSON to a path of the Kubernetes API, and reads the answer into result unless that is nil. A PATCH is a merge patch.
func (c *Cluster) Request(method, path string, body, result any) error {
	contentType := ""
	if method == http.MethodPatch {
		contentType = "application/merge-patch+json"
	}
	return send(method, c.api+path, c.Token, body, result, contentType)
}

// Clock tells how the cluster's time goes.
func (c *Cluster) Clock() (Clock, error) {
	var clock Clock
	err := send("GET", c.url+"/clock", c.Token, nil, &clock, "")
	return clock, err
}

// Advance goes forward in the cluster's time, and does what is due on the way, each at its own instant.
func (c *Cluster) Advance(by time.Duration) (Clock, error) {
	clock, err := c.change(map[string]any{"advance": by.Seconds()})
	for err == nil && !clock.Done {
		time.Sleep(100 * time.Millisecond)
		clock, err = c.Clock()
	}
	return clock, err
}

// Pause lets the cluster's time stand still.
func (c *Cluster) Pause() error { _, err := c.change(map[string]any{"paused": true}); return err }

// Resume lets it go on.
func (c *Cluster) Resume() error { _, err := c.change(map[string]any{"paused": false}); return err }

func (c *Cluster) change(change map[string]any) (Clock, error) {
	var clock Clock
	err := send("PATCH", c.url+"/clock", c.Token, change, &clock, "")
	return clock, err
}

// WaitUntilSettled waits until controllers, scheduler and kubelets have nothing left to do at the cluster's time; what is due later is not
// waited for. The test fails if that takes longer than 30 seconds.
func (c *Cluster) WaitUntilSettled(t testing.TB) {
	t.Helper()
	until := time.Now().Add(30 * time.Second)
	for pause := 2 * time.Millisecond; ; pause = min(pause*2, 100*time.Millisecond) {
		clock, err := c.Clock()
		if err != nil {
			t.Fatal(err)
		}
		if clock.Settled {
			return
		}
		if time.Now().After(until) {
			t.Fatal("the cluster has not come to rest within 30 seconds")
		}
		time.Sleep(pause)
	}
}

// Delete deletes the cluster with all that is in it.
func (c *Cluster) Delete() error { return send("DELETE", c.url, c.Token, nil, nil, "") }

// server is the address of the one for this process. It is started when it is first needed, and ends when its input does: with this process.
var server = sync.OnceValues(func() (string, error) {
	if given := os.Getenv("DIORAMA_SERVER"); given != "" {
		return strings.TrimRight(given, "/"), nil
	}
	words := strings.Fields(os.Getenv("DIORAMA_COMMAND"))
	if len(words) == 0 {
		words = strings.Fields(command)
	}
	words = append(words, "up", "--port=0", "--https-port=0", "--temporary", "--json", "--until-input-ends")
	process := exec.Command(words[0], words[1:]...)
	input, err := process.StdinPipe()
	if err != nil {
		return "", err
	}
	serverInput = input
	output, err := process.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := process.Start(); err != nil {
		return "", fmt.Errorf("%w: set DIORAMA_SERVER, or npm install kube-diorama", err)
	}
	line, err := bufio.NewReader(output).ReadBytes('\n')
	if err != nil {
		return "", fmt.Errorf("%s has ended: set DIORAMA_SERVER, or npm install kube-diorama", strings.Join(words, " "))
	}
	var started struct{ URL string }
	err = json.Unmarshal(line, &started)
	return started.URL, err
})

// serverInput is held for as long as this process lives: what nothing refers to is closed.
var serverInput io.Closer

func send(method, url, token string, body, result any, contentType string) error {
	var sent []byte
	if body != nil {
		var err error
		if sent, err = json.Marshal(body); err != nil {
			return err
		}
	}
	for tries := 1; ; tries++ {
		request, err := http.NewRequest(method, url, bytes.NewReader(sent))
		if err != nil {
			return err
		}
		if token != "" {
			request.Header.Set("Authorization", "Bearer "+token)
		}
		if body != nil {
			request.Header.Set("Content-Type", "application/json")
			if contentType != "" {
				request.Header.Set("Content-Type", contentType)
			}
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		answer, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil {
			return err
		}
		if response.StatusCode == http.StatusTooManyRequests && tries < maxTries {
			seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
			time.Sleep(time.Duration(max(seconds, 1)) * time.Second)
			continue
		}
		if response.StatusCode >= 300 {
			return &Error{Request: method + " " + url, Status: response.StatusCode, Body: answer}
		}
		if text, ok := result.(*string); ok {
			*text = string(answer)
			return nil
		}
		if result == nil {
			return nil
		}
		return json.Unmarshal(answer, result)
	}
}
