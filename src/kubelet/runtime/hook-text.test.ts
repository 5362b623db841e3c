import { expect, it } from 'vitest';
import { hookText } from './hook-text.ts';

it('says which hook has failed, of whom, and how', () => {
  const error = "command 'sh -c exit 7' exited with 7: oh\n";
  expect(
    hookText(
      { exec: { command: ['sh', '-c', 'exit 7'] } },
      { message: '', error, output: 'oh\n' },
      { name: 'w' },
      'p_n(u)',
    ),
  ).toBe(
    `Exec lifecycle hook ([sh -c exit 7]) for Container "w" in Pod "p_n(u)" failed - error: ${error}, message: "oh\\n"`,
  );
  expect(hookText({ httpGet: { path: '/up', port: 1 } }, { message: '', error: 'no' }, { name: 'w' }, 'p_n(u)')).toBe(
    'HTTP lifecycle hook (/up) for Container "w" in Pod "p_n(u)" failed - error: no',
  );
});
