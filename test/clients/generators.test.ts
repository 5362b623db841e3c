/**
 * Clients that are generated from what is served: from the platform's document, and from those of a cluster. Each is compiled, makes a cluster,
 * is told what is wrong with another, and starts three pods. What cannot be had (offline, without Java or Go) is skipped, with a line.
 */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeDocuments } from './generators/documents.ts';
import { generate, go, npmGenerators, openapiGenerator, python, removeTools, run } from './generators/tools.ts';
import { openSandbox, type Sandbox } from './sandbox.ts';

const PROGRAMS = join(import.meta.dirname, 'generators/programs');
const TSC = join(import.meta.dirname, '../../node_modules/typescript/bin/tsc');
const MINUTES = 60_000;

const [npm, jar, interpreter, goes] = await Promise.all([npmGenerators(), openapiGenerator(), python(), go()]);

let sandbox: Sandbox;
let documentOf: Awaited<ReturnType<typeof writeDocuments>>;
beforeAll(async () => {
  sandbox = await openSandbox();
  documentOf = await writeDocuments(sandbox, sandbox.folder);
}, 2 * MINUTES);
afterAll(async () => {
  await sandbox?.close();
  await removeTools();
});

/** What each program prints. */
const expected = (pointer: string) => ({ listed: [true], pointer, deployment: 'web' });

/** Type-checks a program with all that was generated for it, and runs it against the server. */
async function runTypeScript(folder: string, program: string): Promise<unknown> {
  await cp(join(PROGRAMS, program), join(folder, 'main.ts'));
  const compilerOptions = {
    ...{ strict: true, noEmit: true, target: 'es2024', module: 'esnext', moduleResolution: 'bundler' },
    ...{ lib: ['es2024', 'dom', 'dom.iterable'], types: [] },
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['**/*.ts'] }));
  await run(process.execPath, [TSC, '-p', folder], folder);
  const outfile = join(folder, 'main.mjs');
  await build({ entryPoints: [join(folder, 'main.ts')], outfile, bundle: true, format: 'esm', platform: 'node' });
  return JSON.parse(await run(process.execPath, [outfile, sandbox.server.url], folder));
}

describe.skipIf(!npm)('in TypeScript', () => {
  it(
    'openapi-typescript',
    async () => {
      const folder = join(npm!, 'types');
      await mkdir(folder);
      for (const name of ['diorama', 'core', 'apps'] as const) {
        // Kubernetes' documents have defaults of fields that nobody has to give.
        const options = name === 'diorama' ? [] : ['--default-non-nullable=false'];
        const program = join(npm!, 'node_modules/openapi-typescript/bin/cli.js');
        await run(process.execPath, [program, documentOf(name), '-o', join(folder, `${name}.ts`), ...options], npm!);
      }
      expect(await runTypeScript(folder, 'openapi-typescript.ts.txt')).toEqual(expected('/nodes/0/taints/0/effect'));
    },
    5 * MINUTES,
  );

  it(
    '@hey-api/openapi-ts',
    async () => {
      const folder = join(npm!, 'hey');
      await mkdir(folder);
      const program = join(npm!, 'node_modules/@hey-api/openapi-ts/bin/run.js');
      for (const name of ['diorama', 'core', 'apps', 'v2'] as const)
        await run(
          process.execPath,
          [program, '-i', documentOf(name), '-o', join(folder, name), '-c', '@hey-api/client-fetch'],
          npm!,
        );
      expect(await runTypeScript(folder, 'hey-api.ts.txt')).toEqual(expected('/nodes/0/taints/0/effect'));
    },
    5 * MINUTES,
  );
});

describe.skipIf(!jar)('by openapi-generator', () => {
  it.skipIf(!interpreter)(
    'in Python',
    async () => {
      const { folder } = sandbox;
      const made = [
        await generate(jar!, { document: documentOf('diorama'), language: 'python', folder, name: 'diorama_client' }),
        await generate(jar!, { document: documentOf('apps'), language: 'python', folder, name: 'kubernetes_client' }),
      ];
      const work = join(folder, 'python');
      await mkdir(work);
      for (const [i, name] of ['diorama_client', 'kubernetes_client'].entries())
        await cp(join(made[i]!, name), join(work, name), { recursive: true });
      await run(interpreter!, ['-m', 'compileall', '-q', '.'], work);
      const printed = await run(interpreter!, [join(PROGRAMS, 'python.py'), sandbox.server.url], work);
      expect(JSON.parse(printed)).toEqual(expected('/name'));
    },
    5 * MINUTES,
  );

  it.skipIf(!goes)(
    'in Go',
    async () => {
      const { folder } = sandbox;
      const platform = await generate(jar!, {
        document: documentOf('diorama'),
        language: 'go',
        folder,
        name: 'platform',
      });
      // Of version 3, openapi-generator writes the empty objects that Kubernetes has for defaults as Go that is none.
      const kubernetes = await generate(jar!, {
        document: documentOf('v2'),
        language: 'go',
        folder,
        name: 'kubernetes',
      });
      const runGo = async (module: string, program: string, ...args: string[]): Promise<string> => {
        await mkdir(join(module, 'main'));
        await cp(join(PROGRAMS, program), join(module, 'main/main.go'));
        await run('go', ['build', './...'], module);
        return run('go', ['run', './main', ...args], module);
      };
      const { server, token, ...rest } = JSON.parse(await runGo(platform, 'platform.go', sandbox.server.url));
      const deployment = await runGo(kubernetes, 'kubernetes.go', server, token);
      expect({ ...rest, deployment }).toEqual(expected('/name'));
    },
    5 * MINUTES,
  );
});
