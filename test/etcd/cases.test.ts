import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Case, replay } from './replay.ts';

const folder = join(import.meta.dirname, 'cases');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'));

for (const file of files.sort()) {
  const recorded = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Case;
  it(`answers as etcd did: ${recorded.name}`, async () => {
    expect(await replay(recorded)).toEqual([]);
  });
}
