import { expect, it } from 'vitest';
import { type Ask, applyManifests, MAX_WAITING_MS, parseManifests } from './manifests.ts';

const manifests = parseManifests(
  Array.from({ length: 500 }, (_, i) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `m${i}` } })),
);
const RESOURCES = { resources: [{ kind: 'ConfigMap', name: 'configmaps', namespaced: true }] };

/** A clock that goes on only while somebody waits. */
function stillTime() {
  let time = 0;
  const pause = async (milliseconds: number): Promise<void> => {
    time += milliseconds;
  };
  return { now: () => time, pause };
}

const answering =
  (write: () => Response): Ask =>
  async (method) =>
    method === 'GET' ? Response.json(RESOURCES) : write();

it('a cluster that never comes to rest is waited for so long in all, and gets all of them', async () => {
  const time = stillTime();
  const ask = answering(() => Response.json({}));
  const applied = await applyManifests(manifests, ask, () => time.pause(5000), time);
  expect(applied).toEqual({ applied: 500, failed: [] });
  expect(time.now()).toBe(MAX_WAITING_MS);
});

it('what is refused for now is asked again when it may be', async () => {
  const time = stillTime();
  let asked = 0;
  const busy = () => Response.json({ message: 'busy' }, { status: 429, headers: { 'retry-after': '2' } });
  const ask = answering(() => (++asked % 100 === 0 ? busy() : Response.json({})));
  expect(await applyManifests(manifests, ask, async () => undefined, time)).toEqual({ applied: 500, failed: [] });
  expect(time.now()).toBe(5 * 2000);
});

it('but not for ever', async () => {
  const time = stillTime();
  const ask = answering(() => Response.json({ message: 'busy' }, { status: 429, headers: { 'retry-after': '2' } }));
  const { applied, failed } = await applyManifests(manifests.slice(0, 3), ask, async () => undefined, time);
  expect([applied, failed.map(({ code, message }) => `${code} ${message}`)]).toEqual([0, Array(3).fill('429 busy')]);
  expect(time.now()).toBe(MAX_WAITING_MS);
});
