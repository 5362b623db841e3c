/**
 * `npm run bench -- --bill`: what sandboxes would cost in a month on the hosted platform: the platform's prices times what one sandbox was
 * measured to take (lesson.ts), and what would stand in the way first.
 */
import { type Lesson, measureLesson } from './lesson.ts';

/** US dollars on the paid plan, and what a month includes. Source: developers.cloudflare.com, the pricing pages of Workers, Durable Objects and D1. */
interface Price {
  /** For a million units; of what is stored, for a GB and a month. */
  dollars: number;
  included: number;
}
const MILLION = 1e6;
const PRICES = {
  'requests to the Worker': { dollars: 0.3, included: 10 * MILLION },
  "the Worker's computing, ms": { dollars: 0.02, included: 30 * MILLION },
  'requests to objects': { dollars: 0.15, included: MILLION },
  'objects awake, GB-s': { dollars: 12.5, included: 400_000 },
  'rows that objects write': { dollars: 1, included: 50 * MILLION },
  'rows that objects read': { dollars: 0.001, included: 25_000 * MILLION },
  'rows that the directory writes': { dollars: 1, included: 50 * MILLION },
} as const satisfies Record<string, Price>;
type Item = keyof typeof PRICES;
const STORED: Price = { dollars: 0.2, included: 5 };
const PLAN_DOLLARS = 5;

/** An object is billed for all that it may have. */
const OBJECT_GB = 0.128;
/** A read of the store, or a read and a proposal; each call is billed as a request. */
const CALLS = { read: 1, write: 2 };
/** An answer to a write waits until the platform has stored it elsewhere: not measured but assumed. */
const CONFIRMED_MS = 10;
/** Of the directory: the row and its two indexes, when it comes and when it goes. */
const DIRECTORY_ROWS = 6;
const MONTH_HOURS = 730;

interface Bill {
  items: { item: Item | 'stored, GB'; units: number; dollars: number }[];
  dollars: number;
}

/** The bill of so many sandboxes a month, each of which takes what the lesson took and is kept for so many hours. */
function billOf(sandboxes: number, lesson: Lesson, keptHours: number): Bill {
  const { reads, writes, alarms } = lesson;
  const calls = reads * CALLS.read + writes * CALLS.write + alarms + 1;
  const awakeSeconds = (lesson.computingMs + (writes + alarms) * CONFIRMED_MS) / 1000;
  const each: Record<Item, number> = {
    'requests to the Worker': reads + writes,
    "the Worker's computing, ms": lesson.requestMs,
    'requests to objects': calls,
    'objects awake, GB-s': awakeSeconds * OBJECT_GB,
    'rows that objects write': lesson.rowsWritten + alarms,
    'rows that objects read': lesson.rowsRead,
    'rows that the directory writes': DIRECTORY_ROWS,
  };
  const items: Bill['items'] = (Object.keys(PRICES) as Item[]).map((item) => {
    const { dollars, included } = PRICES[item];
    const units = sandboxes * each[item];
    return { item, units, dollars: (Math.max(0, units - included) / MILLION) * dollars };
  });
  const stored = (sandboxes * lesson.bytes * keptHours) / MONTH_HOURS / 1e9;
  items.push({ item: 'stored, GB', units: stored, dollars: Math.max(0, stored - STORED.included) * STORED.dollars });
  return { items, dollars: items.reduce((sum, { dollars }) => sum + dollars, PLAN_DOLLARS) };
}

/** Hours that a sandbox is kept unless its maker says otherwise. */
const KEPT_HOURS = 24;
/** Of the directory, one database: bytes of a sandbox's row, and what the database may hold. */
const ROW_BYTES = 600;
const DATABASE_BYTES = 10e9;
const MONTH_SECONDS = MONTH_HOURS * 3600;

const shown = (value: number): string => (value < 1000 ? value.toFixed(1) : Math.round(value).toLocaleString('en-US'));

/** What is told of a month with so many sandboxes, as lines. */
function billText(sandboxes: number, lesson: Lesson): string[] {
  const bill = billOf(sandboxes, lesson, KEPT_HOURS);
  const most = bill.items.reduce((a, b) => (b.dollars > a.dollars ? b : a));
  const live = (sandboxes * KEPT_HOURS) / MONTH_HOURS;
  return [
    `${shown(sandboxes)} sandboxes: $${shown(bill.dollars)}`,
    ...bill.items.map(({ item, units, dollars }) => `  ${item}: ${shown(units)}, $${shown(dollars)}`),
    `  most of it: ${most.item}`,
    `  the directory: ${shown(live)} rows at a time, ${((100 * live * ROW_BYTES) / DATABASE_BYTES).toFixed(1)} % of what one database holds`,
    `  and ${((2 * sandboxes) / MONTH_SECONDS).toFixed(1)} writes to it a second on average`,
  ];
}

/** The bills of a month with a million sandboxes and with ten, as lines. */
export async function bills(): Promise<string[]> {
  const lesson = await measureLesson();
  const { reads, writes, alarms, rowsWritten, rowsRead, bytes, computingMs, requestMs } = lesson;
  const taken = [
    `one sandbox: ${reads} reads, ${writes} writes, ${alarms} turns that time brings`,
    `  ${rowsWritten} rows written, ${rowsRead} read, ${(bytes / 1024).toFixed(0)} KB`,
    `  ${computingMs.toFixed(0)} ms of computing, ${requestMs.toFixed(0)} of them for requests`,
  ];
  return [...taken, ...[MILLION, 10 * MILLION].flatMap((sandboxes) => billText(sandboxes, lesson))];
}
