/** What agnhost's servers and tools say, over the network of their own pod. */
import { expect, it } from 'vitest';
import { containerOf, machineOf, TEST_START } from '../../test-machine.ts';
import { imageFor } from '../image-for.ts';

const IMAGE = 'registry.k8s.io/e2e-test-images/agnhost:2.66.1';

/** A container that runs a command of agnhost: what a line of a shell prints in it, with its exit code where that is not 0. */
function container(args: string[], env: Record<string, string> = {}): (line: string) => string {
  const machine = machineOf(imageFor(IMAGE));
  const variables = Object.entries(env).map(([name, value]) => ({ name, value }));
  expect(machine.start(containerOf(['/agnhost', ...args], { image: IMAGE, env: variables }))).toBeUndefined();
  let now = TEST_START;
  machine.advance(now);
  return (line) => {
    const session = machine.exec('c', ['sh', '-c', line], { stdin: false, tty: false });
    if ('reason' in session) throw new Error(session.message);
    now += 60_000;
    machine.advance(now);
    const text = session.take().map(({ bytes }) => bytes);
    return `${text.join('')}${session.exitCode === 0 ? '' : `[${session.exitCode}]`}`;
  };
}

it('answers what is no request as soon as its line is there', () => {
  const run = container(['netexec']);
  expect(run('echo hello | nc -t -w 2 127.0.0.1 8080')).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
});

it('has the netcat of OpenBSD', () => {
  const run = container(['netexec']);
  expect(run('nc -vz -w 1 127.0.0.1 8080')).toBe('Connection to 127.0.0.1 (127.0.0.1) 8080 port [tcp/*] succeeded!\n');
  expect(run('echo hostname | nc -u -w 1 127.0.0.1 8081')).toBe('web-1');
});

it('serves texts at the ports of its variables', () => {
  const run = container(['porter'], {
    SERVE_PORT_81: 'plain',
    SERVE_TCP_PORT_82: '<p class=a>page</p>',
    SERVE_UDP_PORT_83: 'datagram',
  });
  expect(run('curl -s -w " %{content_type}" localhost:81')).toBe('plain text/plain; charset=utf-8');
  expect(run('curl -s -w " %{content_type}" localhost:82')).toBe('<p class=a>page</p> text/html; charset=utf-8');
  expect(run('echo x | nc -u -w 1 127.0.0.1 83')).toBe('datagram');
});

it('speaks TLS at the ports that are told so, where it has a certificate', () => {
  const run = container(['porter'], { SERVE_TLS_PORT_443: 'secret' });
  expect(run('head -1 /localhost.crt; curl -s localhost:443')).toBe(
    '-----BEGIN CERTIFICATE-----\nClient sent an HTTP request to an HTTPS server.\n',
  );
  const without = container(['porter'], { SERVE_TLS_PORT_443: 'secret', CERT_FILE: '/nowhere' });
  expect(without('curl -s localhost:443')).toBe('[7]');
});

it('says its name in plain by TCP and UDP at one port, and not by HTTP beside them', () => {
  const run = container(['serve-hostname', '--http=false', '--tcp', '--udp', '--port', '9000']);
  expect(run('nc -w 1 127.0.0.1 9000')).toBe('web-1');
  expect(run('(echo a; sleep 1; echo b) | nc -u -w 2 127.0.0.1 9000')).toBe('web-1web-1');
  expect(container(['serve-hostname'])('curl -s localhost:9376')).toBe('web-1');
});

it('tells with its text by which method it was asked, where it is to', () => {
  const run = container(['porter', '--json-response'], { SERVE_PORT_80: 'text' });
  expect(run('curl -s -X PATCH -w " %{content_type}" localhost')).toBe(
    '{"Method":"PATCH","Body":"text"} application/json',
  );
});

it('says of options that it does not know what curl says of them', () => {
  const run = container(['pause']);
  const hint = "curl: try 'curl --help' or 'curl --manual' for more information\n[2]";
  expect(run('curl -~ localhost')).toBe(`curl: option -~: is unknown\n${hint}`);
  expect(run('curl --colour localhost')).toBe(`curl: option --colour: is unknown\n${hint}`);
  expect(run('curl localhost -o')).toBe(`curl: option -o: requires parameter\n${hint}`);
});

it('binds curl to an address or a device that the pod has, and to no other', () => {
  const run = container(['netexec']);
  expect(run('curl -q -s --interface 10.244.0.5 localhost:8080/clientip')).toMatch(/^10\.244\.0\.5:/);
  expect(run('curl -s --interface eth0 localhost:8080/clientip')).toMatch(/^10\.244\.0\.5:/);
  expect(run('curl -sS --interface host!10.9.9.9 localhost:8080')).toBe(
    'curl: (45) bind failed with errno 99: Address not available\n[45]',
  );
  expect(run('curl -sS --interface eth7 localhost:8080')).toBe("curl: (45) Couldn't bind to 'eth7'\n[45]");
});
