package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
)

// next is the next answer of a watch, or an error when the watch ends or nothing comes.
func next(ctx context.Context, watch clientv3.WatchChan) (clientv3.WatchResponse, error) {
	select {
	case r, ok := <-watch:
		if !ok {
			return r, errors.New("the watch has ended")
		}
		return r, r.Err()
	case <-ctx.Done():
		return clientv3.WatchResponse{}, ctx.Err()
	}
}

func oldWatch(ctx context.Context, c *clientv3.Client) error {
	put, err := c.Put(ctx, "old/a", "1")
	if err != nil {
		return err
	}
	if _, err := c.Put(ctx, "old/a", "2"); err != nil {
		return err
	}
	if _, err := c.Delete(ctx, "old/a"); err != nil {
		return err
	}
	watching, stop := context.WithCancel(ctx)
	defer stop()
	watch := c.Watch(watching, "old/", clientv3.WithPrefix(), clientv3.WithRev(put.Header.Revision), clientv3.WithPrevKV())
	if _, err := c.Put(ctx, "old/a", "3"); err != nil {
		return err
	}
	var seen string
	for len(seen) < 4 {
		r, err := next(ctx, watch)
		if err != nil {
			return err
		}
		for _, e := range r.Events {
			if e.Type == clientv3.EventTypeDelete {
				seen += "-"
				if string(e.PrevKv.Value) != "2" {
					return fmt.Errorf("deleted without what was there: %v", e)
				}
			} else {
				seen += string(e.Kv.Value)
			}
		}
	}
	return expect(seen == "12-3", "events %s", seen)
}

func manyWatches(ctx context.Context, c *clientv3.Client) error {
	watching, stop := context.WithCancel(ctx)
	defer stop()
	watches := make([]clientv3.WatchChan, 50)
	for i := range watches {
		watches[i] = c.Watch(watching, fmt.Sprintf("many/%d", i), clientv3.WithCreatedNotify())
		if r, err := next(ctx, watches[i]); err != nil || !r.Created {
			return fmt.Errorf("watch %d: %v, %v", i, r, err)
		}
	}
	put, err := c.Put(ctx, "many/49", "x")
	if err != nil {
		return err
	}
	if r, err := next(ctx, watches[49]); err != nil || len(r.Events) != 1 || r.Events[0].Kv.ModRevision != put.Header.Revision {
		return fmt.Errorf("event: %v, %v", r, err)
	}
	if err := c.RequestProgress(watching); err != nil {
		return err
	}
	for i, watch := range watches {
		if r, err := next(ctx, watch); err != nil || !r.IsProgressNotify() || r.Header.Revision < put.Header.Revision {
			return fmt.Errorf("progress of %d: %v, %v", i, r, err)
		}
	}
	notified := c.Watch(watching, "quiet", clientv3.WithProgressNotify())
	r, err := next(ctx, notified)
	return expect(err == nil && r.IsProgressNotify(), "a notice unasked: %v, %v", r, err)
}

func compactedWatch(ctx context.Context, c *clientv3.Client) error {
	put, err := c.Put(ctx, "compacted", "1")
	if err != nil {
		return err
	}
	last, err := c.Put(ctx, "compacted", "2")
	if err != nil {
		return err
	}
	if _, err := c.Compact(ctx, last.Header.Revision); err != nil {
		return err
	}
	r, err := next(ctx, c.Watch(ctx, "compacted", clientv3.WithRev(put.Header.Revision-1)))
	if !errors.Is(err, rpctypes.ErrCompacted) || r.CompactRevision != last.Header.Revision {
		return fmt.Errorf("watch: %v, %v", r, err)
	}
	_, err = c.Get(ctx, "compacted", clientv3.WithRev(put.Header.Revision))
	return expect(errors.Is(err, rpctypes.ErrCompacted), "get: %v", err)
}

// apiServer does what a Kubernetes API server does with etcd: optimistic creates, guarded updates, lists in pages of one
// revision, a watch that goes on from the list and is told of progress, leases on events, and compaction agreed upon through a key.
func apiServer(ctx context.Context, c *clientv3.Client) error {
	const prefix = "/elsewhere/pods/"
	lease, err := c.Grant(ctx, 3600)
	if err != nil {
		return err
	}
	for i := range 12 {
		key := fmt.Sprintf("%sdefault/p%02d", prefix, i)
		r, err := c.Txn(ctx).If(clientv3.Compare(clientv3.ModRevision(key), "=", 0)).
			Then(clientv3.OpPut(key, "{}", clientv3.WithLease(lease.ID))).Commit()
		if err != nil || !r.Succeeded {
			return fmt.Errorf("create: %v, %v", r, err)
		}
	}
	listed := 0
	var revision int64
	for key, more := prefix, true; more; {
		opts := []clientv3.OpOption{clientv3.WithLimit(5), clientv3.WithRange(clientv3.GetPrefixRangeEnd(prefix))}
		if revision != 0 {
			opts = append(opts, clientv3.WithRev(revision))
		}
		r, err := c.Get(ctx, key, opts...)
		if err != nil {
			return err
		}
		revision = r.Header.Revision
		if listed == 0 {
			if err := expect(r.Count == 12, "counted %d", r.Count); err != nil {
				return err
			}
		}
		listed += len(r.Kvs)
		more = r.More
		key = string(r.Kvs[len(r.Kvs)-1].Key) + "\x00"
	}
	if err := expect(listed == 12, "listed %d", listed); err != nil {
		return err
	}
	watching, stop := context.WithCancel(clientv3.WithRequireLeader(ctx))
	defer stop()
	watch := c.Watch(watching, prefix, clientv3.WithPrefix(), clientv3.WithRev(revision+1), clientv3.WithPrevKV(),
		clientv3.WithProgressNotify())
	key := prefix + "default/p00"
	got, err := c.Get(ctx, key)
	if err != nil {
		return err
	}
	update := c.Txn(ctx).If(clientv3.Compare(clientv3.ModRevision(key), "=", got.Kvs[0].ModRevision)).
		Then(clientv3.OpPut(key, `{"a":1}`)).Else(clientv3.OpGet(key))
	if r, err := update.Commit(); err != nil || !r.Succeeded {
		return fmt.Errorf("update: %v, %v", r, err)
	}
	stale := c.Txn(ctx).If(clientv3.Compare(clientv3.ModRevision(key), "=", got.Kvs[0].ModRevision)).
		Then(clientv3.OpDelete(key)).Else(clientv3.OpGet(key))
	if r, err := stale.Commit(); err != nil || r.Succeeded || string(r.Responses[0].GetResponseRange().Kvs[0].Value) != `{"a":1}` {
		return fmt.Errorf("stale delete: %v, %v", r, err)
	}
	if r, err := next(ctx, watch); err != nil || len(r.Events) != 1 || string(r.Events[0].PrevKv.Value) != "{}" {
		return fmt.Errorf("watch: %v, %v", r, err)
	}
	for {
		r, err := next(ctx, watch)
		if err != nil {
			return err
		}
		if r.IsProgressNotify() && r.Header.Revision > revision {
			break
		}
	}
	return compactTogether(ctx, c)
}

// compactTogether: of several servers, the one whose guarded write comes first compacts; the others learn its revision.
func compactTogether(ctx context.Context, c *clientv3.Client) error {
	const key = "compact_rev_key"
	step := func(version int64, revision string) (*clientv3.TxnResponse, error) {
		return c.Txn(ctx).If(clientv3.Compare(clientv3.Version(key), "=", version)).
			Then(clientv3.OpPut(key, revision)).Else(clientv3.OpGet(key)).Commit()
	}
	first, err := step(0, "0")
	if err != nil || !first.Succeeded {
		return fmt.Errorf("first: %v, %v", first, err)
	}
	second, err := step(0, "0")
	if err != nil || second.Succeeded || second.Responses[0].GetResponseRange().Kvs[0].Version != 1 {
		return fmt.Errorf("second: %v, %v", second, err)
	}
	if _, err := c.Compact(ctx, first.Header.Revision); err != nil {
		return err
	}
	time.Sleep(10 * time.Millisecond)
	_, err = c.Compact(ctx, first.Header.Revision)
	return expect(errors.Is(err, rpctypes.ErrCompacted), "compacted twice: %v", err)
}
