/** What images do: their first process, its log, and what one sees in them. */
import { expect, it } from 'vitest';
import type { ContainerStart, PodMachine } from '../pod-machine.ts';
import { MAX_WORKERS } from '../programs/nginx/nginx.ts';
import { containerOf, machineOf, TEST_START } from '../test-machine.ts';
import { MAX_TRIES } from './agnhost/netexec.ts';
import { imageFor, MAX_KEPT, repositoryOf } from './image-for.ts';
import { MAX_PI_DIGITS } from './languages.ts';

class Container {
  readonly machine: PodMachine;
  #now = TEST_START;

  constructor(image: string, more: Partial<ContainerStart> = {}) {
    this.machine = machineOf(imageFor(image));
    const fault = this.machine.start({ ...containerOf([]), command: undefined, image, ...more });
    expect(fault).toBeUndefined();
    this.pass(1000);
  }

  pass(ms: number): void {
    this.#now += ms;
    this.machine.advance(this.#now);
  }

  /** Runs a line of the shell; its output and errors, and its exit code where that is not 0. */
  sh(line: string): string {
    const session = this.machine.exec('c', ['sh', '-c', line], { stdin: false, tty: false });
    if ('reason' in session) throw new Error(session.message);
    for (let i = 0; i < 100 && session.exitCode === undefined; i++) this.pass(1000);
    const text = session
      .take()
      .map(({ bytes }) => bytes)
      .join('');
    return session.exitCode === 0 ? text : `${text}[${session.exitCode}]`;
  }

  get log(): string[] {
    return this.machine.log('c').map(({ text }) => text);
  }

  end(): number | undefined {
    this.machine.signal('c', 'TERM');
    this.pass(1000);
    return this.machine.end('c')?.exitCode;
  }
}

it('reads references as the runtime does', () => {
  expect(repositoryOf('nginx')).toEqual({ name: 'docker.io/library/nginx', tag: 'latest' });
  expect(repositoryOf('traefik/whoami:v1')).toEqual({ name: 'docker.io/traefik/whoami', tag: 'v1' });
  expect(repositoryOf('docker.io/nginx:1.27@sha256:abc')).toEqual({ name: 'docker.io/library/nginx', tag: '1.27' });
  expect(repositoryOf('localhost:5000/a/b')).toEqual({ name: 'localhost:5000/a/b', tag: 'latest' });
});

it('keeps as many images ready as it may, and makes others anew', () => {
  const first = imageFor('example.com/kept:first');
  for (let i = 1; i < MAX_KEPT; i++) imageFor(`example.com/kept:${i}`);
  expect(imageFor('example.com/kept:first')).toBe(first);
  for (let i = 0; i < MAX_KEPT; i++) imageFor(`example.com/kept:other-${i}`);
  expect(imageFor('example.com/kept:first')).not.toBe(first);
});

it('lets an image that nobody knows run, say nothing and end when it is told', () => {
  const container = new Container('example.com/team/app:3');
  container.pass(3_600_000);
  expect(container.log).toEqual([]);
  expect(container.machine.due('c')).toBeUndefined();
  expect(container.end()).toBe(0);
});

it('has a shell and commands in busybox, alpine, debian and ubuntu, each in its own words', () => {
  const sleeping = { command: ['sleep', 'infinity'] };
  expect(new Container('busybox:1.36', sleeping).sh('ls /nope; busybox | head -1')).toBe(
    'ls: /nope: No such file or directory\nBusyBox v1.36.1 (2024-06-10 07:11:47 UTC) multi-call binary.\n',
  );
  expect(new Container('alpine:3.20', sleeping).sh('cat /etc/alpine-release; apk add curl >/dev/null')).toBe(
    '3.20.0\n[1]',
  );
  expect(new Container('debian:12', sleeping).sh('ls /nope; grep -c bookworm /etc/os-release; curl')).toBe(
    "ls: cannot access '/nope': No such file or directory\n3\nsh: 1: curl: not found\n[127]",
  );
  expect(new Container('ubuntu', sleeping).sh('. /etc/os-release; echo $VERSION_ID')).toBe('24.04\n');
});

it('serves by nginx what its configuration says, and logs', () => {
  const container = new Container('nginx:1.27');
  expect(container.log.at(-1)).toMatch(/^2026\/11\/28 07:00:00 \[notice\] 1#1: start worker process \d+$/);
  expect(container.sh('curl -s localhost/ | grep title')).toBe('<title>Welcome to nginx!</title>\n');
  expect(container.log.at(-1)).toBe(
    '127.0.0.1 - - [28/Nov/2026:07:00:01 +0000] "GET / HTTP/1.1" 200 396 "-" "curl/8.7.1" "-"',
  );
  expect(container.sh('curl -so /dev/null -w "%{http_code}" localhost/none')).toBe('404');
  const site =
    'server { listen 81; location = /x { return 418 "tea\\n"; } location /old { return 301 /new; } location /sub/ { proxy_pass http://127.0.0.1/; } }';
  expect(
    container.sh(
      `echo '${site}' > /etc/nginx/conf.d/more.conf; nginx -t 2>&1 | tail -1; nginx -s reload 2>/dev/null; sleep 1; curl -s localhost:81/x; curl -sI localhost:81/old | grep Location; curl -s localhost:81/sub/index.html | head -1`,
    ),
  ).toBe(
    'nginx: configuration file /etc/nginx/nginx.conf test is successful\ntea\nLocation: http://localhost:81/new\r\n<!DOCTYPE html>\n',
  );
  expect(container.sh("echo 'serve {}' > /etc/nginx/conf.d/more.conf; nginx -t")).toBe(
    'nginx: [emerg] unknown directive "serve" in /etc/nginx/conf.d/more.conf:1\nnginx: configuration file /etc/nginx/nginx.conf test failed\n[1]',
  );
  expect(container.end()).toBe(0);
});

it('answers by agnhost as the end-to-end tests ask', () => {
  const agnhost = 'registry.k8s.io/e2e-test-images/agnhost:2.53';
  const netexec = new Container(agnhost, { args: ['netexec'] });
  expect(netexec.sh('wget -qO- localhost:8080/hostname')).toBe('web-1');
  expect(
    netexec.sh('wget -qO- "localhost:8080/dial?host=127.0.0.1&port=8081&protocol=udp&request=hostname&tries=2"'),
  ).toBe('{"responses":["web-1","web-1"]}');
  expect(netexec.sh('wget -qO- "localhost:8080/shell?shellCommand=echo+hi%3B+exit+3"')).toBe(
    '{"output":"hi\\n","error":"exit status 3"}',
  );
  expect(new Container(agnhost, { args: ['entrypoint-tester', 'a', 'b'] }).log).toEqual([
    '[/agnhost entrypoint-tester a b]',
  ]);
  const liveness = new Container(agnhost, { args: ['liveness'] });
  expect(liveness.sh('wget -qO- localhost:8080/healthz')).toBe('ok');
  liveness.pass(10_000);
  expect(liveness.sh('wget -qO- localhost:8080/healthz')).toBe(
    'wget: server returned error: HTTP/1.1 500 Internal Server Error\n[1]',
  );
  expect(new Container(agnhost, { args: ['mounttest', '--new_file_0644=/tmp/f', '--file_perm=/tmp/f'] }).log).toEqual([
    'content of file "/tmp/f": mount-tester new file',
    '',
    'perms of file "/tmp/f": -rw-r--r--',
  ]);
  const nettest = new Container(agnhost, { args: ['nettest', '--port=9000'] });
  nettest.sh(`wget -qO- --post-data '{"Source":"a"}' localhost:9000/write`);
  expect(
    nettest.sh(`wget -qO- --post-data '{"Source":"a"}' localhost:9000/write; wget -qO- localhost:9000/read | grep a`),
  ).toContain('"a": 2');
  netexec.sh('wget -qO- "localhost:8080/echo?msg=hi"');
  expect(netexec.log.at(-1)).toMatch(/ GET \/echo\?msg=hi&code=$/);
  expect(liveness.sh('/agnhost connect --timeout=1s 127.0.0.1:9')).toBe('REFUSED\n[1]');
});

it('tries a dial by agnhost as often as it may, and no more often', () => {
  const netexec = new Container('registry.k8s.io/e2e-test-images/agnhost:2.53', { args: ['netexec'] });
  const answers = (tries: number): number => {
    const dial = `localhost:8080/dial?host=127.0.0.1&port=8081&protocol=udp&request=hostname&tries=${tries}`;
    return JSON.parse(netexec.sh(`wget -qO- "${dial}"`)).responses.length;
  };
  expect([MAX_TRIES - 1, MAX_TRIES, MAX_TRIES + 1].map(answers)).toEqual([MAX_TRIES - 1, MAX_TRIES, MAX_TRIES]);
});

it('has the small servers of the tutorials', () => {
  const hello = new Container('gcr.io/google-samples/hello-app:2.0');
  expect(hello.sh('wget -qO- localhost:8080')).toBe('Hello, world!\nVersion: 2.0.0\nHostname: web-1\n');
  const bootcamp = new Container('gcr.io/google-samples/kubernetes-bootcamp:v1');
  expect(bootcamp.sh('wget -qO- localhost:8080')).toBe('Hello Kubernetes bootcamp! | Running on: web-1 | v=1\n');
  expect(new Container('registry.k8s.io/echoserver:1.10').sh('wget -qO- localhost:8080 | grep Hostname')).toBe(
    'Hostname: web-1\n',
  );
  expect(new Container('stefanprodan/podinfo').sh('wget -qO- localhost:9898/healthz')).toBe('{\n  "status": "OK"\n}');
  expect(new Container('hashicorp/http-echo', { args: ['-text=hi'] }).log).toEqual([
    '2026/11/28 07:00:00 [INFO] server is listening on :5678',
  ]);
  expect(new Container('hashicorp/http-echo').log).toEqual(['Missing -text option!']);
  expect(new Container('curlimages/curl', { args: ['-sS', 'http://127.0.0.1:1/'] }).log).toEqual([
    "curl: (7) Failed to connect to 127.0.0.1 port 1 after 0 ms: Couldn't connect to server",
  ]);
});

it('keeps by redis what its client says, until it ends', () => {
  const redis = new Container('redis:7', { args: ['--maxmemory', '2mb'] });
  expect(redis.log.at(-1)).toBe('1:M 28 Nov 2026 07:00:00.000 * Ready to accept connections tcp');
  expect(redis.sh('redis-cli set a 1; redis-cli incr a; redis-cli --no-raw config get maxmemory')).toBe(
    'OK\n2\n1) "maxmemory"\n2) "2097152"\n',
  );
  expect(
    redis.sh(
      'printf "rpush l a b\\nlrange l 0 -1\\nget l\\nhset h f v\\nhgetall h\\nexpire h 1\\n" | redis-cli; sleep 2; redis-cli exists h',
    ),
  ).toBe('2\na\nb\nWRONGTYPE Operation against a key holding the wrong kind of value\n1\nf\nv\n1\n0\n');
  redis.sh('v=$(printf %010000d 0); redis-cli del a; redis-cli set a "$v"');
  expect(redis.sh(`redis-cli mget${' a'.repeat(105)} | head -c 30; redis-cli mget${' a'.repeat(104)} | wc -c`)).toBe(
    'ERR the reply is too large\n1040104\n',
  );
  expect(redis.end()).toBe(0);
});

it('keeps by postgres and mysql what is put in, also over a new start, and wants a password', () => {
  const env = [{ name: 'POSTGRES_PASSWORD', value: 'secret' }];
  expect(new Container('postgres:16').log[0]).toBe(
    'Error: Database is uninitialized and superuser password is not specified.',
  );
  const postgres = new Container('postgres:16', { env });
  expect(postgres.sh('pg_isready')).toBe('/var/run/postgresql:5432 - no response\n[2]');
  postgres.pass(1000);
  expect(postgres.log.at(-1)).toMatch(/LOG: {2}database system is ready to accept connections$/);
  const sql =
    "create table t (id serial, name text); insert into t (name) values ('a'), ('b; c'); update t set name = 'd' where id = 1; delete from t where name like 'x%'; select * from t where id > 0 order by id desc";
  expect(postgres.sh(`psql -U postgres -c "${sql}"`)).toBe(
    'CREATE TABLE\nINSERT 0 2\nUPDATE 1\nDELETE 0\n id | name \n----+------\n  2 | b; c\n  1 | d\n(2 rows)\n\n',
  );
  expect(postgres.sh('psql -U postgres -tAc "select count(*) from t; select 1 + 2 * 3"')).toBe('2\n7\n');
  expect(postgres.sh('psql -U postgres -c "select * from nope"')).toBe('ERROR:  relation "nope" does not exist\n[1]');
  expect(postgres.end()).toBe(0);
  const mysql = new Container('mysql:8.4', {
    env: [
      { name: 'MYSQL_ROOT_PASSWORD', value: 'x' },
      { name: 'MYSQL_DATABASE', value: 'd' },
    ],
  });
  expect(mysql.sh('mysqladmin ping 2>/dev/null')).toBe('[1]');
  mysql.pass(6000);
  expect(
    mysql.sh(
      `MYSQL_PWD=x mysql d -e "create table t (id int, n varchar(9)); insert into t values (1, 'a'); select * from t; select * from nope"`,
    ),
  ).toBe("id\tn\n1\ta\nERROR 1146 (42S02) at line 1: Table 'd.nope' doesn't exist\n[1]");
  expect(mysql.sh('MYSQL_PWD=wrong mysql -e "select 1"')).toBe(
    "ERROR 1045 (28000): Access denied for user 'root'@'localhost' (using password: YES)\n[1]",
  );
  const mongo = new Container('mongo:7');
  expect(mongo.sh('mongosh --quiet --eval "db.adminCommand({ping: 1})"')).toBe('{ ok: 1 }\n');
});

it('runs the programs of other languages that tutorials have, and says of others that it does not', () => {
  expect(new Container('perl:5.34', { args: ['perl', '-Mbignum=bpi', '-wle', 'print bpi(40)'] }).log).toEqual([
    '3.141592653589793238462643383279502884197',
  ]);
  const pi = (digits: number) =>
    new Container('perl:5.34', { args: ['perl', '-Mbignum=bpi', '-wle', `print bpi(${digits})`] });
  const most = pi(MAX_PI_DIGITS);
  most.pass(60_000);
  expect(most.log.join('')).toHaveLength(MAX_PI_DIGITS + 1);
  expect(pi(MAX_PI_DIGITS + 1).log).toEqual(['perl: this program is not one that is known here']);
  const python = (code: string) => new Container('python:3.12', { args: ['python', '-c', code] });
  expect(python('import sys; print("a", 1 + 2 * 3); sys.exit(4)').log).toEqual(['a 7']);
  expect(python('print(open("/x").read())').log).toEqual(['python: this program is not one that is known here']);
  expect(new Container('node:22', { args: ['node', '-e', "console.log('a', 1)"] }).log).toEqual(['a 1']);
  const served = new Container('python:3.12-alpine', {
    args: ['python3', '-m', 'http.server', '80'],
    workingDir: '/srv',
  });
  expect(served.sh('echo hi > f; wget -qO- localhost/f; wget -qO- localhost/none')).toBe(
    'hi\nwget: server returned error: HTTP/1.1 404 File not found\n[1]',
  );
  expect(new Container('httpd:2.4-alpine').sh('wget -qO- localhost')).toBe(
    '<html><body><h1>It works!</h1></body></html>\n',
  );
  expect(new Container('caddy').sh('wget -qO- localhost | grep -c works')).toBe('2\n');
  const hog = new Container('polinux/stress', {
    args: ['stress', '--vm', '1', '--vm-bytes', '150M'],
    memoryLimit: 100_000_000,
  });
  expect(hog.machine.end('c')).toMatchObject({ exitCode: 1 });
});

it('has a worker of nginx for each core, up to a bound', () => {
  const workersOn = (cpus: number): number => {
    const node = { cpus, memory: 4 * 1024 ** 3, kernelRelease: '6.18.0', bootedAt: TEST_START };
    const machine = machineOf(imageFor('nginx:1.27'), { node });
    machine.start({ ...containerOf([]), command: undefined, image: 'nginx:1.27' });
    machine.advance(TEST_START + 1000);
    expect(machine.listens(80, 'TCP')).toBe(true);
    return machine.log('c').filter(({ text }) => text.includes('start worker process ')).length;
  };
  expect([3, MAX_WORKERS, MAX_WORKERS + 1, 640].map(workersOn)).toEqual([3, MAX_WORKERS, MAX_WORKERS, MAX_WORKERS]);
});

it('starts a webhook of agnhost with the certificates that it is given, and not without', () => {
  const files = { '/c': { text: '-----BEGIN CERTIFICATE-----\n' }, '/k': { text: '-----BEGIN EC PRIVATE KEY-----\n' } };
  const started = (args: string[]): Container => {
    const container = new Container('registry.k8s.io/e2e-test-images/agnhost:2.56', {
      command: [
        'sh',
        '-c',
        `printf '%s' '${files['/c'].text}' >/c; printf '%s' '${files['/k'].text}' >/k; exec "$@"`,
        '-',
      ],
      args: ['/agnhost', ...args],
    });
    return container;
  };
  const flags = ['--tls-cert-file=/c', '--tls-private-key-file=/k'];
  for (const command of ['webhook', 'crd-conversion-webhook']) {
    const { machine } = started([command, ...flags, '--port=8443']);
    expect([machine.listens(8443, 'TCP'), machine.certificateAt(8443)]).toEqual([true, files['/c'].text]);
    expect(machine.certificateAt(443)).toBeUndefined();
    const fails = started([command, '--tls-cert-file=/c', '--tls-private-key-file=/none']);
    expect(fails.log.join()).toMatch(/open \/none: no such file or directory$/);
    expect(fails.machine.end('c')?.exitCode).toBe(255);
    expect(started([command, '--tls-cert-file=/k', '--tls-private-key-file=/k']).log.join()).toMatch(
      /failed to find any PEM data in certificate input$/,
    );
  }
});
