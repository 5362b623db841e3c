/**
 * What differs from run to run reads as a placeholder, numbered by first appearance within a scenario, so that equality and order
 * still count: `<uid:1>`, `<rv:2>`, `<time>`…
 */
import { isNumber } from './json.ts';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const TIME_INSIDE = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;
const UID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const AGE_COLUMNS = new Set(['Age', 'Last Seen', 'First Seen', 'Last Schedule', 'Duration']);

export class Placeholders {
  #area: string;
  #numbered = new Map<string, Map<unknown, string>>();
  #names: [string, string][];

  constructor(namespace: string, area: string) {
    this.#area = area;
    this.#names = [[namespace, '<ns>']];
  }

  /** Generated names first, so that every later mention reads the same. */
  learn(value: any): void {
    if (Array.isArray(value)) {
      for (const item of value) this.learn(item);
      return;
    }
    if (!value || typeof value !== 'object') return;
    const { generateName: prefix, name } = value;
    if (
      typeof prefix === 'string' &&
      typeof name === 'string' &&
      name.startsWith(prefix) &&
      name.length > prefix.length
    )
      if (this.#names.every(([actual]) => actual !== name))
        this.#names.unshift([name, this.#text(prefix) + this.#of('rand', name.slice(prefix.length))]);
    for (const item of Object.values(value)) this.learn(item);
  }

  replace(value: any, key?: string): any {
    if (Array.isArray(value)) return value.map((item) => this.replace(item, key));
    if (typeof value === 'string') return this.#string(value, key);
    if (isNumber(value) && typeof value !== 'number') return value;
    if (value && typeof value === 'object') return this.#object(value);
    if ((key === 'nodePort' || key === 'healthCheckNodePort') && typeof value === 'number' && value >= 30000)
      return this.#of('port', value);
    return value;
  }

  #of(kind: string, value: unknown): string {
    let seen = this.#numbered.get(kind);
    if (!seen) {
      seen = new Map();
      this.#numbered.set(kind, seen);
    }
    let name = seen.get(value);
    if (!name) {
      name = `<${kind}:${seen.size + 1}>`;
      seen.set(value, name);
    }
    return name;
  }

  #text(text: string): string {
    let out = text;
    for (const [actual, placeholder] of this.#names) out = out.replaceAll(actual, placeholder);
    return out.replace(UID, (uid) => this.#of('uid', uid)).replace(TIME_INSIDE, '<time>');
  }

  #object(given: any): any {
    let value = given;
    if (Array.isArray(value.columnDefinitions) && Array.isArray(value.rows)) value = this.#table(value);
    const items = 'items' in value ? value.items : value.rows;
    const version = value.metadata?.resourceVersion ?? '';
    if (Array.isArray(items) && version !== '' && version !== '0')
      value = { ...value, metadata: { ...value.metadata, resourceVersion: '<list-rv>' } };
    // A value's placeholders are numbered before its key's; and a key may be `__proto__`.
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => {
        const replaced = this.replace(item, key);
        return [this.#text(key), replaced];
      }),
    );
  }

  #string(value: string, key?: string): string {
    if (value.startsWith('-----BEGIN CERTIFICATE-----')) return '<pem>';
    if (key === 'serverAddress') return '<address>';
    if (key === 'storageVersionHash' && this.#area === 'crd') return '<hash>';
    if (key === 'resourceVersion' && value !== '' && value !== '0' && value !== '<list-rv>')
      return this.#of('rv', value);
    if (key === 'continue' && value) return this.#of('continue', value);
    if (key === 'token' && value.length > 60) return this.#of('token', value);
    if (TIME.test(value)) return '<time>';
    if ((key === 'clusterIP' || key === 'clusterIPs') && value !== '' && value !== 'None') return this.#of('ip', value);
    let text = this.#text(value);
    text = text.replace(/kube-api-access-([a-z0-9]{5})/g, (_, tail) => `kube-api-access-${this.#of('rand', tail)}`);
    if (key === 'message' || key === 'details') {
      text = text.replace(
        /(current: |resource version: |match record \(|in record \(|in the precondition \()(\d+)/g,
        (whole, before, digits) => (digits.length < 8 ? before + this.#of('rv', digits) : whole),
      );
      text = text.replace(/too old resource version: (\S+) \((\d+)\)/g, 'too old resource version: $1 (<n>)');
    }
    return text;
  }

  /** Cells that depend on the clock or on an allocator. */
  #table(table: any): any {
    const columns: string[] = table.columnDefinitions.map((column: any) => column.name);
    const rows = table.rows.map((row: any) => {
      const cells = [...(row.cells ?? [])];
      for (const [i, name] of columns.entries()) {
        const cell = cells[i];
        if (i >= cells.length) break;
        if (AGE_COLUMNS.has(name) && typeof cell === 'string' && /^(\d+[smhd])+$/.test(cell)) cells[i] = '<age>';
        else if (name === 'Cluster-IP' && cell !== 'None' && cell !== '<none>') cells[i] = this.#of('ip', cell);
        else if (name === 'Port(s)' && typeof cell === 'string')
          cells[i] = cell.replace(/:(3\d{4})\//g, (_, port) => `:${this.#of('port', Number(port))}/`);
      }
      return { ...row, cells };
    });
    return { ...table, rows };
  }
}
