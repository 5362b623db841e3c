"""A program on the package etcd3gw against a cluster's JSON gateway: address of the gateway and token are its arguments."""

import sys
from urllib.parse import urlsplit

import requests
from etcd3gw.client import Etcd3Client

address, token = urlsplit(sys.argv[1]), sys.argv[2]
session = requests.Session()
session.headers['authorization'] = f'Bearer {token}'
client = Etcd3Client(
    host=address.hostname, port=address.port, api_path=f'{address.path}/v3/', session=session, timeout=10
)


def check(name, holds):
    assert holds, name
    print('ok', name)


check('status and members', 'version' in client.status() and len(client.members()) == 1)

client.put('gw/a', 'one')
client.put('gw/b', b'\x00\xff')
check('values, bytes too', client.get('gw/a') == [b'one'] and client.get('gw/b') == [b'\x00\xff'])
client.put('gw/a', 'two')
found = client.get_prefix('gw/', sort_order='descend', sort_target='key')
check('a prefix, sorted', [meta['key'] for _, meta in found] == [b'gw/b', b'gw/a'])
check('versions', found[1][1]['version'] == '2')

check('create and replace', client.create('gw/c', '1') and not client.create('gw/c', '2')
      and client.replace('gw/c', '1', '2') and client.get('gw/c') == [b'2'])

lease = client.lease(ttl=60)
client.put('gw/leased', 'x', lease=lease)
held = 0 < lease.ttl() <= 60 and lease.refresh() == 60 and lease.keys() == [b'gw/leased']
lease.revoke()
check('a lease and its key', held and client.get('gw/leased') == [])

with client.lock('gw-lock', ttl=30) as lock:
    check('a lock that nobody else has', lock.is_acquired() and not client.lock('gw-lock').acquire())

events, cancel = client.watch_prefix('gw/')
client.put('gw/watched', 'x')
client.delete('gw/watched')
put, delete = next(events), next(events)
cancel()
check('a watch', put['kv']['value'] == b'x' and delete['type'] == 'DELETE')
