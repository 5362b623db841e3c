import { expect, it } from 'vitest';
import type { Container } from '../../objects/generated/core-v1.gen.ts';
import { agnhostListens, agnhostWords } from './agnhost.ts';

const container = (
  args?: string[],
  command?: string[],
  image = 'registry.k8s.io/e2e-test-images/agnhost:2.63.0',
): Container => ({
  name: 'c',
  image,
  ...(command ? { command } : {}),
  ...(args ? { args } : {}),
});

it.each<[string[] | undefined, string[] | undefined, { http: number[]; grpc: number[] } | undefined]>([
  [['pause'], undefined, { http: [], grpc: [] }],
  [['test-webserver'], undefined, { http: [80], grpc: [] }],
  [['netexec', '--http-port=8083'], undefined, { http: [8083], grpc: [] }],
  [['netexec', '--http-port', '8084', '--udp-port', '1'], undefined, { http: [8084], grpc: [] }],
  [undefined, ['/agnhost', 'grpc-health-checking'], { http: [8080], grpc: [5000] }],
  [['serve-hostname'], ['/agnhost'], { http: [9376], grpc: [] }],
  [['webhook'], undefined, undefined],
  [['constructor'], undefined, undefined],
  [['test-webserver'], ['sh'], undefined],
])('listens: %j after %j', (args, command, listener) => {
  expect(agnhostListens(container(args, command))).toEqual(listener);
});

it('is told from other images', () => {
  expect(agnhostListens(container(['pause'], undefined, 'example.com/other'))).toBeUndefined();
  expect(agnhostWords(container(['liveness']))).toEqual(['liveness']);
});
