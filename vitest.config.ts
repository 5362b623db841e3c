/** Unit tests stand beside their file and run inside workerd; what crosses rooms is in `test/` and runs in Node. */
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // One a core: most of what takes long waits for servers and browsers.
    maxWorkers: '100%',
    projects: [
      {
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: { bindings: { TEST_MIGRATIONS: await readD1Migrations('./migrations'), HOSTS: 'diorama.test' } },
          })),
        ],
        test: {
          name: 'workerd',
          isolate: false,
          // All share one process, and what it holds for a while.
          retry: 1,
          // How fast a machine is must not matter: what hangs is found all the same.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          include: ['src/**/*.test.ts'],
          exclude: ['src/**/*.node.test.ts', 'src/cli/**'],
          setupFiles: ['src/platform/test-setup.ts'],
        },
      },
      {
        test: {
          name: 'node',
          // Browsers, real clients and processes that share a slow machine: what fails twice is wrong, and what failed once is named.
          retry: 1,
          include: ['test/**/*.test.ts', 'ui/**/*.test.ts', 'src/**/*.node.test.ts', 'src/cli/**/*.test.ts'],
          // As above.
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
