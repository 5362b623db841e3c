package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/concurrency"
)

func leases(ctx context.Context, c *clientv3.Client) error {
	lease, err := c.Grant(ctx, 60)
	if err != nil {
		return err
	}
	if _, err := c.Put(ctx, "leased", "x", clientv3.WithLease(lease.ID)); err != nil {
		return err
	}
	alive, stop := context.WithCancel(ctx)
	defer stop()
	answers, err := c.KeepAlive(alive, lease.ID)
	if err != nil {
		return err
	}
	select {
	case r := <-answers:
		if r == nil || r.ID != lease.ID || r.TTL != 60 {
			return fmt.Errorf("kept alive: %v", r)
		}
	case <-ctx.Done():
		return errors.New("no answer to a keep-alive")
	}
	if r, err := c.KeepAliveOnce(ctx, lease.ID); err != nil || r.TTL != 60 {
		return fmt.Errorf("kept alive once: %v, %v", r, err)
	}
	if r, err := c.TimeToLive(ctx, lease.ID, clientv3.WithAttachedKeys()); err != nil || len(r.Keys) != 1 || r.GrantedTTL != 60 {
		return fmt.Errorf("time to live: %v, %v", r, err)
	}
	all, err := c.Leases(ctx)
	if err != nil {
		return err
	}
	if !slices.Contains(all.Leases, clientv3.LeaseStatus{ID: lease.ID}) {
		return fmt.Errorf("leases: %v", all)
	}
	if _, err := c.Revoke(ctx, lease.ID); err != nil {
		return err
	}
	r, err := c.Get(ctx, "leased")
	return expect(err == nil && r.Count == 0, "after the lease: %v, %v", r, err)
}

func twoSessions(c *clientv3.Client) (one, two *concurrency.Session, err error) {
	if one, err = concurrency.NewSession(c, concurrency.WithTTL(30)); err != nil {
		return nil, nil, err
	}
	two, err = concurrency.NewSession(c, concurrency.WithTTL(30))
	return one, two, err
}

func mutex(ctx context.Context, c *clientv3.Client) error {
	one, two, err := twoSessions(c)
	if err != nil {
		return err
	}
	defer two.Close()
	held, wanted := concurrency.NewMutex(one, "mutex/"), concurrency.NewMutex(two, "mutex/")
	if err := held.Lock(ctx); err != nil {
		return err
	}
	if err := wanted.TryLock(ctx); !errors.Is(err, concurrency.ErrLocked) {
		return fmt.Errorf("locked twice: %v", err)
	}
	locked := make(chan error, 1)
	go func() { locked <- wanted.Lock(ctx) }()
	select {
	case err := <-locked:
		return fmt.Errorf("locked while held: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	// The holder's end frees the lock as an unlock would.
	if err := one.Close(); err != nil {
		return err
	}
	return <-locked
}

func election(ctx context.Context, c *clientv3.Client) error {
	one, two, err := twoSessions(c)
	if err != nil {
		return err
	}
	defer one.Close()
	defer two.Close()
	first, second := concurrency.NewElection(one, "election/"), concurrency.NewElection(two, "election/")
	if err := first.Campaign(ctx, "first"); err != nil {
		return err
	}
	won := make(chan error, 1)
	go func() { won <- second.Campaign(ctx, "second") }()
	if r, err := second.Leader(ctx); err != nil || string(r.Kvs[0].Value) != "first" {
		return fmt.Errorf("leader: %v, %v", r, err)
	}
	if err := first.Resign(ctx); err != nil {
		return err
	}
	if err := <-won; err != nil {
		return err
	}
	r, err := first.Leader(ctx)
	return expect(err == nil && string(r.Kvs[0].Value) == "second", "heir: %v, %v", r, err)
}

func maintenance(ctx context.Context, c *clientv3.Client) error {
	endpoint := c.Endpoints()[0]
	members, err := c.MemberList(ctx)
	if err != nil {
		return err
	}
	status, err := c.Status(ctx, endpoint)
	if err != nil {
		return err
	}
	if err := expect(len(members.Members) == 1 && status.Leader == members.Members[0].ID, "%v, %v", members, status); err != nil {
		return err
	}
	if err := expect(status.Version != "" && status.DbSize > 0 && status.StorageVersion != "", "status: %v", status); err != nil {
		return err
	}
	if r, err := c.AlarmList(ctx); err != nil || len(r.Alarms) != 0 {
		return fmt.Errorf("alarms: %v, %v", r, err)
	}
	if _, err := c.Defragment(ctx, endpoint); err != nil {
		return err
	}
	hash, err := c.HashKV(ctx, endpoint, 0)
	if err != nil {
		return err
	}
	if err := expect(hash.Hash != 0 && hash.HashRevision == hash.Header.Revision, "hash: %v", hash); err != nil {
		return err
	}
	if r, err := c.AuthStatus(ctx); err != nil || r.Enabled {
		return fmt.Errorf("auth: %v, %v", r, err)
	}
	snapshot, err := c.SnapshotWithVersion(ctx)
	if err != nil {
		return err
	}
	bytes, err := io.ReadAll(snapshot.Snapshot)
	if err != nil {
		return err
	}
	// Whole pages, and a SHA-256 behind them.
	content, digest := bytes[:len(bytes)-sha256.Size], bytes[len(bytes)-sha256.Size:]
	want := sha256.Sum256(content)
	return expect(snapshot.Version != "" && len(content)%4096 == 0 && string(want[:]) == string(digest), "snapshot: %d bytes", len(bytes))
}
