import { expect, it } from 'vitest';
import type { WatchBatch } from './types.ts';
import { type ClientSocket, MAX_FAILURES, watchOver } from './watch-client.ts';
import { encodeBatch } from './watch-wire.ts';

/** An object whose sockets break when they are told to. */
function object() {
  const sockets: { breaks(): void; sends(text: string): void; startRevision: number | undefined }[] = [];
  return {
    sockets,
    connect: async ({ startRevision }: { startRevision?: number }): Promise<ClientSocket> => {
      const listeners: Record<string, (event: { data: unknown }) => void> = {};
      sockets.push({
        startRevision,
        breaks: () => listeners.close!({ data: undefined }),
        sends: (data) => listeners.message!({ data }),
      });
      return {
        send: () => {},
        close: () => {},
        addEventListener: (type: string, listener: (event: { data: unknown }) => void) => {
          listeners[type] = listener;
        },
      };
    },
  };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

async function follow(breaks: (i: number) => boolean) {
  const { sockets, connect } = object();
  const batches: WatchBatch[] = [];
  let isOver = false;
  const watch = await watchOver(connect, { key: 'k', startRevision: 5 });
  const reading = (async () => {
    for await (const batch of watch) batches.push(batch);
    isOver = true;
  })();
  for (let i = 0; i < sockets.length && i < 20 && breaks(i); i++) {
    sockets[i]!.breaks();
    await settled();
  }
  return { sockets, batches, watch, reading, isOver: () => isOver };
}

it('opens a socket that breaks again, so often without a word in between', async () => {
  const patient = await follow((i) => i < MAX_FAILURES);
  expect([patient.sockets.length, patient.isOver()]).toEqual([MAX_FAILURES + 1, false]);
  const last = await follow((i) => i <= MAX_FAILURES);
  expect([last.sockets.length, last.isOver()]).toEqual([MAX_FAILURES + 1, true]);
  await last.reading;
});

it('counts anew after each message, and goes on behind what it has had', async () => {
  const { sockets, batches, watch } = await follow((i) => i < MAX_FAILURES);
  sockets.at(-1)!.sends(encodeBatch(9, []));
  for (let i = 0; i < MAX_FAILURES; i++) {
    sockets.at(-1)!.breaks();
    await settled();
  }
  expect(sockets.map(({ startRevision }) => startRevision)).toEqual([5, 5, 5, 5, 10, 10, 10]);
  expect(batches.map(({ revision }) => revision)).toEqual([9]);
  watch.close();
});
