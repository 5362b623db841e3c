/** Writes the platform's OpenAPI document: `node scripts/openapi.ts [folder]`, by default into `openapi/`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openApiDocument } from '../src/platform/app.ts';

const folder = process.argv[2] ?? join(import.meta.dirname, '../openapi');
writeFileSync(join(folder, 'diorama.json'), `${JSON.stringify(openApiDocument(), null, 2)}\n`);
