/** The variables of awk, its arrays and the record. */
import { Failure } from '../applet.ts';
import { AwkRecord } from './record.ts';
import { toNumber, toText, type Value } from './values.ts';

export type AwkArray = Map<string, Value>;

/** A variable: which of the two it is shows when it is used first. */
export interface Cell {
  value?: Value;
  array?: AwkArray;
}

/** Elements of an array. */
export const MAX_ELEMENTS = 50_000;

export class Variables {
  readonly globals = new Map<string, Cell>();
  readonly record = new AwkRecord(
    () => this.text('FS'),
    () => this.text('OFS'),
  );
  protected frame: Map<string, Cell> | undefined;
  #seed = 1;
  #drawn = 0;

  cell(name: string): Cell {
    const local = this.frame?.get(name);
    if (local !== undefined) return local;
    let cell = this.globals.get(name);
    if (cell === undefined) {
      cell = {};
      this.globals.set(name, cell);
    }
    return cell;
  }

  array(name: string): AwkArray {
    const cell = this.cell(name);
    cell.array ??= new Map();
    return cell.array;
  }

  get(name: string): Value {
    if (name === 'NF') return this.record.count;
    return this.cell(name).value;
  }

  text(name: string): string {
    return toText(this.globals.get(name)?.value);
  }

  set(name: string, value: Value): void {
    if (name === 'NF') {
      this.record.count = toNumber(value);
      return;
    }
    if (name === 'FS') this.record.settle();
    this.cell(name).value = value;
  }

  textOf(value: Value): string {
    return typeof value === 'number' ? toText(value, this.text('CONVFMT')) : toText(value);
  }

  store(array: AwkArray, key: string, value: Value): void {
    if (array.size >= MAX_ELEMENTS && !array.has(key)) throw new Failure('out of memory', 2);
    array.set(key, value);
  }

  /** Begins another row of random numbers. @returns the seed before */
  protected seed(seed: number): number {
    const before = this.#seed;
    this.#seed = seed;
    this.#drawn = 0;
    return before;
  }

  /** A function of the seed and of how often it was drawn: the same seed gives the same row. */
  protected random(): number {
    let hash = Math.imul(Math.trunc(this.#seed) ^ 0x9e3779b9, 0x85ebca6b) + Math.imul(++this.#drawn, 0xc2b2ae35);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
    return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
  }
}
