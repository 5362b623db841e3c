/** The platform's document under the rules that redocly recommends. */
import { join } from 'node:path';
import { createConfig, lint } from '@redocly/openapi-core';
import { expect, it } from 'vitest';

const FILE = join(import.meta.dirname, '../../openapi/diorama.json');

/** The file's server is on one's own machine; a served document names another. */
const MEANT = ['no-server-example.com'];

it('openapi/diorama.json has nothing that the recommended rules complain of', async () => {
  const problems = await lint({ ref: FILE, config: await createConfig({ extends: ['recommended'] }) });
  const told = problems.map(({ severity, ruleId, message, location }) => ({
    ruleId,
    text: `${severity} ${ruleId}: ${message} (${location[0]?.pointer})`,
  }));
  expect(told.filter(({ ruleId }) => !MEANT.includes(ruleId)).map(({ text }) => text)).toEqual([]);
  // What is meant is looked at all the same: whatever is not complained of any more leaves the list.
  expect([...new Set(told.map(({ ruleId }) => ruleId))]).toEqual(MEANT);
});
