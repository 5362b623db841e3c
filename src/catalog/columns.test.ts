import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../objects/object.ts';
import { groupResourceName } from '../objects/status.ts';
import { humanDuration } from './columns/duration.ts';
import { builtInTable } from './columns.ts';
import { KINDS } from './generated/kinds.gen.ts';
import { apiVersionOf } from './kinds.ts';

const CREATED = '2026-01-01T00:00:00Z';
const NOW = Date.parse(CREATED) + 65_000;

const pod = (spec: object, status: object, metadata: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'default', creationTimestamp: CREATED, ...metadata },
  spec: { containers: [{ name: 'c' }], ...spec },
  status,
});

const podRow = (object: KubeObject) => builtInTable('pods').rows([object], NOW)[0]!;
const podCells = (object: KubeObject) => podRow(object).cells;

describe('ages', () => {
  it.each([
    [0, '0s'],
    [119_000, '119s'],
    [120_000, '2m'],
    [200_000, '3m20s'],
    [10_800_000, '3h'],
    [27 * 3_600_000, '27h'],
    [76 * 3_600_000, '3d4h'],
    [400 * 86_400_000, '400d'],
    [-5_000, '<invalid>'],
  ])('%d ms is %s', (milliseconds, text) => {
    expect(humanDuration(milliseconds)).toBe(text);
  });
});

describe('rows of pods', () => {
  it('shows a running pod', () => {
    const status = {
      phase: 'Running',
      podIPs: [{ ip: '10.0.0.5' }],
      containerStatuses: [
        {
          name: 'c',
          ready: true,
          restartCount: 2,
          state: { running: {} },
          lastState: { terminated: { finishedAt: '2026-01-01T00:00:35Z' } },
        },
      ],
    };
    expect(podCells(pod({ nodeName: 'n1' }, status))).toEqual([
      'p',
      '1/1',
      'Running',
      '2 (30s ago)',
      '65s',
      '10.0.0.5',
      'n1',
      '<none>',
      '<none>',
    ]);
  });
  it('tells why one waits, and how far its init containers are', () => {
    const waiting = { state: { waiting: { reason: 'CrashLoopBackOff' } } };
    expect(podCells(pod({}, { phase: 'Running', containerStatuses: [{ name: 'c', ...waiting }] }))[2]).toBe(
      'CrashLoopBackOff',
    );
    const init = { initContainers: [{ name: 'a' }, { name: 'b' }] };
    const statuses = [
      { name: 'a', state: { terminated: { exitCode: 0 } } },
      { name: 'b', state: { running: {} } },
    ];
    expect(podCells(pod(init, { phase: 'Pending', initContainerStatuses: statuses }))[2]).toBe('Init:1/2');
  });
  it('marks finished ones as completed and deleted ones as terminating', () => {
    expect(podRow(pod({}, { phase: 'Succeeded' })).conditions?.[0]?.type).toBe('Completed');
    expect(podCells(pod({}, { phase: 'Running' }, { deletionTimestamp: CREATED }))[2]).toBe('Terminating');
  });
});

describe('tables', () => {
  it('describe columns by the fields that they show', () => {
    const columns = builtInTable('deployments.apps').columns((type, field) => `${type}#${field}`);
    expect(columns.map((c) => c.name)).toContain('Up-to-date');
    expect(columns.find((c) => c.name === 'Up-to-date')?.description).toBe('apps.v1.DeploymentStatus#updatedReplicas');
  });
  it('mark the storage class that counts as default', () => {
    const storageClass = (name: string, annotations = {}): KubeObject => ({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name, creationTimestamp: CREATED, annotations },
    });
    const isDefault = { 'storageclass.kubernetes.io/is-default-class': 'true' };
    const rows = builtInTable('storageclasses.storage.k8s.io').rows(
      [storageClass('a'), storageClass('b', isDefault), storageClass('c', isDefault)],
      NOW,
    );
    expect(rows.map((r) => r.cells[0])).toEqual(['a', 'b (default)', 'c']);
  });
});

it('has a cell for each column of every kind', () => {
  const different = KINDS.flatMap((kind) => {
    const object: KubeObject = {
      apiVersion: apiVersionOf(kind),
      kind: kind.kind,
      metadata: { name: 'o', creationTimestamp: CREATED },
      spec: {},
      status: {},
    };
    const table = builtInTable(groupResourceName(kind));
    const [columns, cells] = [table.columns(() => '').length, table.rows([object], NOW)[0]!.cells.length];
    return columns === cells ? [] : [`${kind.resource} ${columns} ${cells}`];
  });
  // The real server sends one more cell of these.
  expect([...new Set(different)]).toEqual(['ipaddresses 2 3']);
});
