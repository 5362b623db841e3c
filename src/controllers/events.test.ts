/** What becomes of what is told again, or much like what was told before. */
import { describe, expect, it } from 'vitest';
import type { Event } from '../objects/generated/core-v1.gen.ts';
import type { View } from '../objects/object.ts';
import { viewOf } from '../objects/view.ts';
import { ObjectIndex } from '../simulation/object-index.ts';
import { eventKey, MAX_SIMILAR, SIMILAR_MS, SPAM_BURST, SPAM_REFILL_MS } from './event-correlation.ts';
import { type EventText, newEvent, recordEvent } from './events.ts';
import { NOW, object, SECOND } from './test-view.ts';

const SOURCE = { component: 'replicaset-controller' };
const ABOUT = object('ReplicaSet', 'web');

/** Tells of the set, and has what it writes seen at once. */
function recorder() {
  const index = new ObjectIndex<Event>((event) => ({ places: [eventKey(event.involvedObject.uid ?? '')] }));
  const view: View = viewOf(index);
  let writes = 0;
  const record = (text: Partial<EventText>, now = NOW, source: { component: string } = SOURCE): Event => {
    const write = recordEvent(
      view,
      ABOUT,
      source,
      { reason: 'SuccessfulCreate', message: 'Created pod: p', ...text },
      now,
    );
    if (write.verb === 'delete') throw new Error('nothing is to be deleted');
    const told = write.object as Event;
    const known = index.list('events').includes(told);
    if (!known) {
      const name = told.metadata.name ?? `e${100 + ++writes}`;
      const metadata = { ...told.metadata, name };
      index.apply({
        resource: 'events',
        namespace: 'ns',
        name,
        revision: index.revision + 1,
        new: { ...told, metadata },
      });
    }
    return told;
  };
  const all = (): [string, number][] => index.list('events').map(({ message = '', count = 0 }) => [message, count]);
  return { record, all };
}

const tell = ({ record }: ReturnType<typeof recorder>, count: number, now = NOW): void => {
  for (let i = 0; i < count; i++) record({ message: `Created pod: p${i}` }, now);
};

describe('an event', () => {
  it('is counted when it is told again, however often', () => {
    const { record, all } = recorder();
    for (let i = 0; i < 2 * SPAM_BURST; i++) record({}, NOW + i * SECOND);
    expect(all()).toEqual([['Created pod: p', 2 * SPAM_BURST]]);
    record({}, NOW, { component: 'other' });
    record({ type: 'Warning' });
    record({ fieldPath: 'spec.containers{c}' });
    expect(all().map(([, count]) => count)).toEqual([2 * SPAM_BURST, 1, 1, 1]);
  });

  it('is put together with its like from the tenth on', () => {
    const some = recorder();
    tell(some, MAX_SIMILAR - 1);
    expect(some.all().filter(([message]) => message.startsWith('(combined'))).toEqual([]);
    const combined = some.record({ message: 'Created pod: a' });
    expect(combined).toMatchObject({
      message: '(combined from similar events): Created pod: a',
      count: 1,
      reportingComponent: '',
    });
    some.record({ message: 'Created pod: b' }, NOW + SECOND);
    expect(some.all().at(-1)).toEqual(['(combined from similar events): Created pod: b', 2]);
    // What was told by itself still is.
    some.record({ message: 'Created pod: p0' });
    expect(some.all()[0]).toEqual(['Created pod: p0', 2]);
    some.record({ reason: 'SuccessfulDelete', message: 'Deleted pod: a' });
    expect(some.all().at(-1)).toEqual(['Deleted pod: a', 1]);
  });

  it.each([
    [SIMILAR_MS, true],
    [SIMILAR_MS + SECOND, false],
  ])('is put together with what was told %i ms ago: %s', (after, isCombined) => {
    const some = recorder();
    tell(some, MAX_SIMILAR - 1);
    const { message } = some.record({ message: 'Created pod: late' }, NOW + after);
    expect(message?.startsWith('(combined')).toBe(isCombined);
  });

  it('is not told when its source has told too much of the object, and then once every five minutes', () => {
    const some = recorder();
    tell(some, SPAM_BURST);
    const combined = (): number => some.all().at(-1)![1];
    expect(combined()).toBe(SPAM_BURST - MAX_SIMILAR + 1);
    some.record({ message: 'Created pod: late' });
    some.record({ message: 'Created pod: late' }, NOW + SPAM_REFILL_MS - SECOND);
    expect(combined()).toBe(SPAM_BURST - MAX_SIMILAR + 1);
    some.record({ message: 'Created pod: later' }, NOW + SPAM_REFILL_MS);
    expect(combined()).toBe(SPAM_BURST - MAX_SIMILAR + 2);
    // Another source may.
    some.record({ message: 'x' }, NOW, { component: 'other' });
    expect(some.all().at(-1)).toEqual(['x', 1]);
  });

  it('is not told too often in one reconcile either', () => {
    const first = newEvent(ABOUT, SOURCE, { reason: 'R', message: 'm' }, NOW);
    const known: Event = { ...first, metadata: { name: 'e', namespace: 'ns' } };
    const told = new ObjectIndex<Event>((event) => ({ places: [eventKey(event.involvedObject.uid ?? '')] }));
    told.apply({ resource: 'events', namespace: 'ns', name: 'e', revision: 1, new: known });
    const seen = viewOf(told);
    const verbs = Array.from({ length: SPAM_BURST }, (_, i) =>
      recordEvent(seen, ABOUT, SOURCE, { reason: `S${i}`, message: 'm' }, NOW),
    );
    expect(verbs.filter(({ verb }) => verb === 'create')).toHaveLength(SPAM_BURST - 1);
    expect(verbs.at(-1)).toMatchObject({ verb: 'update', object: known });
  });
});
