/** State of earlier versions, kept as they wrote it: a folder each. */
import { join } from 'node:path';

export const FOLDER = import.meta.dirname;
export const statesOf = (version: number): string => join(FOLDER, `v${version}`);

export const DATABASE = 'database.sqlite.gz';
export const RECORD = 'life.json';
export const EXPORT = 'export.ndjson';

/** What each of them holds. */
export const START = Date.parse('2026-01-05T10:00:00Z');
export const OBJECTS = 200;
