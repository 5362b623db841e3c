/**
 * `npm run lockfile`, after dependencies have changed: package-lock.json as it is committed. Tools for development run on the Node that
 * `npm ci` brings along, whatever Node npm itself runs on, so what they ask of Node is not in it: npm would warn of each of them on Node 20.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './local/bundle.ts';

const FILE = join(ROOT, 'package-lock.json');

const lock: { packages: Record<string, { dev?: boolean; engines?: unknown }> } = JSON.parse(readFileSync(FILE, 'utf8'));
for (const entry of Object.values(lock.packages)) if (entry.dev) delete entry.engines;
writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);
