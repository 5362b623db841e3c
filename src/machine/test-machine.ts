/** A pod's machine with one container, for tests. */
import { createPodMachine } from './create-pod-machine.ts';
import type { Image, ImageFile } from './image.ts';
import type { ContainerStart, PodMachine, PodMachineOptions } from './pod-machine.ts';

export const TEST_START = Date.parse('2026-11-28T07:00:00Z');

export const NO_NETWORK: PodMachineOptions['network'] = {
  address: () => '10.244.0.5',
  namespace: () => {
    throw new Error('nobody looks at its devices');
  },
  connect: () => 'ENETUNREACH',
  ask: () => undefined,
};

export const imageOf = (files: Record<string, ImageFile>, config: Image['config'] = {}): Image => ({
  names: ['docker.io/library/test'],
  config,
  files: {
    '/etc/passwd': { text: 'root:x:0:0:root:/root:/bin/sh\n' },
    '/root': { directory: true, mode: 0o700 },
    '/tmp': { directory: true, mode: 0o1777 },
    ...files,
  },
  size: 1,
});

export const machineOf = (image: Image, options: Partial<PodMachineOptions> = {}): PodMachine =>
  createPodMachine({
    startedAt: TEST_START,
    seed: 'test',
    hostname: 'web-1',
    volumes: {},
    sharesProcesses: false,
    node: { cpus: 2, memory: 4 * 1024 ** 3, kernelRelease: '6.18.0', bootedAt: TEST_START - 3_600_000 },
    imageFor: () => image,
    network: NO_NETWORK,
    ...options,
  });

export const containerOf = (command: readonly string[], more: Partial<ContainerStart> = {}): ContainerStart => ({
  name: 'c',
  attempt: 0,
  image: 'test',
  command,
  args: undefined,
  env: [],
  workingDir: undefined,
  user: { uid: 0, gid: 0, groups: [] },
  mounts: [],
  tty: false,
  stdin: false,
  readOnlyRoot: false,
  memoryLimit: undefined,
  ...more,
});
