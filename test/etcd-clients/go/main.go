// A client of etcd as programs are: etcd's own Go library against the endpoint that is given. Prints a line for each thing
// that holds, and ends with 1 at the first that does not.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
)

type check struct {
	name string
	run  func(context.Context, *clientv3.Client) error
}

var checks = []check{
	{"puts, gets, pages and deletes", keys},
	{"errors are etcd's own", refusals},
	{"transactions compare and branch", transactions},
	{"bytes and large numbers stay exact", exact},
	{"a watch from an old revision has every event", oldWatch},
	{"many watches share a stream, and progress is told", manyWatches},
	{"a compacted watch says where history starts", compactedWatch},
	{"leases are kept alive, listed and end with their keys", leases},
	{"a mutex has one holder", mutex},
	{"an election has one leader, and an heir", election},
	{"members, status, alarms and hashes", maintenance},
	{"what an API server asks of its store", apiServer},
}

func main() {
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{os.Args[1]}, DialTimeout: 5 * time.Second})
	if err != nil {
		fmt.Println("FAIL", err)
		os.Exit(1)
	}
	defer client.Close()
	for _, c := range checks {
		ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
		err := c.run(ctx, client)
		cancel()
		if err != nil {
			fmt.Printf("FAIL %s: %v\n", c.name, err)
			os.Exit(1)
		}
		fmt.Println("ok", c.name)
	}
}

// expect collects the first thing that is not as it should be.
func expect(holds bool, format string, args ...any) error {
	if holds {
		return nil
	}
	return fmt.Errorf(format, args...)
}

func keys(ctx context.Context, c *clientv3.Client) error {
	for i := range 25 {
		if _, err := c.Put(ctx, fmt.Sprintf("keys/%02d", i), fmt.Sprint(i)); err != nil {
			return err
		}
	}
	first, err := c.Get(ctx, "keys/", clientv3.WithPrefix(), clientv3.WithLimit(10))
	if err != nil {
		return err
	}
	if err := expect(len(first.Kvs) == 10 && first.More && first.Count == 25, "first page: %v", first); err != nil {
		return err
	}
	if _, err := c.Put(ctx, "keys/99", "later"); err != nil {
		return err
	}
	from := string(first.Kvs[9].Key) + "\x00"
	rest, err := c.Get(ctx, from, clientv3.WithRange("keys0"), clientv3.WithRev(first.Header.Revision))
	if err != nil {
		return err
	}
	if err := expect(len(rest.Kvs) == 15 && !rest.More, "rest at the first page's revision: %v", rest); err != nil {
		return err
	}
	stream, err := c.GetStream(ctx, "keys/", clientv3.WithPrefix())
	if err != nil {
		return err
	}
	whole, err := clientv3.GetStreamToGetResponse(stream)
	if err != nil {
		return err
	}
	if err := expect(len(whole.Kvs) == 26 && whole.Count == 26, "streamed range: %v", whole); err != nil {
		return err
	}
	gone, err := c.Delete(ctx, "keys/", clientv3.WithPrefix(), clientv3.WithPrevKV())
	if err != nil {
		return err
	}
	return expect(gone.Deleted == 26 && len(gone.PrevKvs) == 26, "deleted: %v", gone)
}

func refusals(ctx context.Context, c *clientv3.Client) error {
	if _, err := c.Put(ctx, "", "x"); !errors.Is(err, rpctypes.ErrEmptyKey) {
		return fmt.Errorf("empty key: %v", err)
	}
	if _, err := c.Get(ctx, "x", clientv3.WithRev(1<<40)); !errors.Is(err, rpctypes.ErrFutureRev) {
		return fmt.Errorf("future revision: %v", err)
	}
	if _, err := c.Revoke(ctx, 4711); !errors.Is(err, rpctypes.ErrLeaseNotFound) {
		return fmt.Errorf("no such lease: %v", err)
	}
	_, err := c.Txn(ctx).Then(clientv3.OpPut("twice", "1"), clientv3.OpPut("twice", "2")).Commit()
	return expect(errors.Is(err, rpctypes.ErrDuplicateKey), "duplicate key: %v", err)
}

func transactions(ctx context.Context, c *clientv3.Client) error {
	create := func() (*clientv3.TxnResponse, error) {
		return c.Txn(ctx).
			If(clientv3.Compare(clientv3.ModRevision("txn/a"), "=", 0)).
			Then(clientv3.OpPut("txn/a", "1"), clientv3.OpTxn(nil, []clientv3.Op{clientv3.OpPut("txn/b", "2")}, nil)).
			Else(clientv3.OpGet("txn/", clientv3.WithPrefix())).
			Commit()
	}
	if r, err := create(); err != nil || !r.Succeeded || len(r.Responses) != 2 {
		return fmt.Errorf("first: %v, %v", r, err)
	}
	r, err := create()
	if err != nil {
		return err
	}
	return expect(!r.Succeeded && len(r.Responses[0].GetResponseRange().Kvs) == 2, "second: %v", r)
}

func exact(ctx context.Context, c *clientv3.Client) error {
	value := make([]byte, 256)
	for i := range value {
		value[i] = byte(i)
	}
	key := "exact/\xff\x00\xfe"
	id := clientv3.LeaseID(1<<62 + 1)
	if _, err := c.KV.Do(ctx, clientv3.OpPut(key, string(value))); err != nil {
		return err
	}
	r, err := c.Get(ctx, "exact/", clientv3.WithPrefix())
	if err != nil {
		return err
	}
	if err := expect(string(r.Kvs[0].Key) == key && string(r.Kvs[0].Value) == string(value), "got %v", r); err != nil {
		return err
	}
	ttl, err := c.TimeToLive(ctx, id)
	if err != nil {
		return err
	}
	return expect(ttl.ID == id && ttl.TTL == -1, "a lease that is not there: %v", ttl)
}
