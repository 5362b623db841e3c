/** Fields whose values are read when they are looked at. Whoever copies, lists or compares their object reads them. */
import { hiddenValue } from './hidden-value.ts';
import type { KubeObject } from './object.ts';

/** Where the values are read from: the whole object, and the way in it to the map that has the fields. */
export interface Rest {
  /** What it answers is shared. */
  load: () => KubeObject;
  path: readonly (string | number)[];
}

const REST = hiddenValue<Rest>();

/** One getter for each name, so that objects keep one form; a map of texts has whatever names it likes. */
const KNOWN_FIELDS = 1000;
const getters = new Map<string, PropertyDescriptor>();

function getterOf(field: string): PropertyDescriptor {
  const known = getters.get(field);
  if (known) return known;
  const getter: PropertyDescriptor & ThisType<object> = {
    enumerable: true,
    configurable: true,
    get() {
      const { load, path } = REST.of(this)!;
      // biome-ignore lint/suspicious/noExplicitAny: whatever is there
      let part: any = load();
      for (const step of path) part = part[step];
      return part[field];
    },
  };
  if (getters.size < KNOWN_FIELDS) getters.set(field, getter);
  return getter;
}

/** Gives a map a field that is read late; `readFrom` says where. */
export const putLate = (map: object, field: string): void => void Object.defineProperty(map, field, getterOf(field));

/** Says where all late fields of a map are read; once for a map. */
export const readFrom = (map: object, rest: Rest): void => REST.put(map, rest);
