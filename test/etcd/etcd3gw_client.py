"""What the Python package etcd3gw offers, used against the etcd at the port that is given. Prints `ok`."""
import sys
import threading
import time

import etcd3gw


def client():
    return etcd3gw.client(host='127.0.0.1', port=int(sys.argv[1]), api_path='/v3/')


c = client()
assert c.status()['version'].startswith('3.')
assert c.put('foo', 'bar') is True
assert c.get('foo') == [b'bar']
assert c.create('foo', 'x') is False
assert c.create('foo2', 'x') is True
assert c.replace('foo', 'bar', 'baz') is True
assert [v for v, _ in c.get_prefix('foo')] == [b'baz', b'x']
lease = c.lease(ttl=60)
assert c.put('leased', '1', lease=lease)
assert lease.keys() == [b'leased'], lease.keys()
assert 0 < lease.ttl() <= 60
assert lease.refresh() == 60
lease.revoke()
assert c.get('leased') == []
events, cancel = c.watch_prefix('w/')
got = []


def follow():
    for event in events:
        got.append(event)
        if len(got) == 3:
            cancel()


t = threading.Thread(target=follow)
t.start()
time.sleep(0.5)
c.put('w/a', '1')
c.put('w/b', '2')
c.delete('w/a')
t.join(10)
assert [e['kv']['key'] for e in got] == [b'w/a', b'w/b', b'w/a'], got
with c.lock('mutex', ttl=30) as lock:
    assert lock.is_acquired()
    other = client().lock('mutex', ttl=30)
    assert not other.acquire()
assert c.transaction({
    'compare': [{'key': 'Zm9v', 'result': 'EQUAL', 'target': 'VALUE', 'value': 'YmF6'}],
    'success': [{'request_delete_range': {'key': 'Zm9v'}}],
    'failure': [],
})['succeeded']
assert c.delete_prefix('w/')
print('ok')
