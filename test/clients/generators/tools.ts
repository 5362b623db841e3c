/** Generators and what their clients are built with. None is part of a checkout: what cannot be had is told, and its tests are skipped. */
import { type ExecFileException, execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** From the npm registry: they want other versions of TypeScript and of Node than the checkout. */
const NPM_PACKAGES = {
  'openapi-typescript': '7.13.0',
  'openapi-fetch': '0.17.0',
  '@hey-api/openapi-ts': '0.99.0',
  typescript: '5.9.3',
};
/** From Maven Central. */
const OPENAPI_GENERATOR = '7.25.0';

const PATH = [process.env.PATH, '/usr/local/go/bin'].join(delimiter);

/** Runs a program to its end. @returns what it printed. @throws Error with all that it said */
export async function run(program: string, args: string[], cwd: string): Promise<string> {
  const env = { ...process.env, PATH, GOFLAGS: '-mod=mod', PYTHONPATH: cwd };
  try {
    const { stdout } = await promisify(execFile)(program, args, { cwd, env, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  } catch (error) {
    const { message, stdout, stderr } = error as ExecFileException;
    throw new Error(`${message}\n${stdout}\n${stderr}`);
  }
}

/** What `get` brings; undefined, with a line that says why, where it cannot be had. */
async function had<T>(what: string, get: () => Promise<T>): Promise<T | undefined> {
  try {
    return await get();
  } catch (error) {
    const [reason] = (error as Error).message.split('\n');
    console.log(`${what} cannot be had here, and is not tried: ${reason}`);
    return undefined;
  }
}

const folders: string[] = [];

async function newFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `diorama-${name}-`));
  folders.push(folder);
  return folder;
}

/** What was installed for the tests goes with them. */
export async function removeTools(): Promise<void> {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
}

/** A folder with the generators that come from npm. */
export const npmGenerators = (): Promise<string | undefined> =>
  had('openapi-typescript and @hey-api/openapi-ts', async () => {
    const folder = await newFolder('npm');
    await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module', dependencies: NPM_PACKAGES }));
    await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--fetch-retries=0'], folder);
    return folder;
  });

/** The path of openapi-generator's jar. */
export const openapiGenerator = (): Promise<string | undefined> =>
  had('openapi-generator', async () => {
    await run('java', ['-version'], tmpdir());
    const name = `openapi-generator-cli-${OPENAPI_GENERATOR}.jar`;
    const jar = join(homedir(), '.m2/repository/org/openapitools/openapi-generator-cli', OPENAPI_GENERATOR, name);
    const artifact = `org.openapitools:openapi-generator-cli:${OPENAPI_GENERATOR}`;
    if (!existsSync(jar))
      await run('mvn', ['-q', '-B', 'dependency:get', `-Dartifact=${artifact}`, '-Dtransitive=false'], tmpdir());
    return jar;
  });

/** Python with what a generated client needs. */
export const python = (): Promise<string | undefined> =>
  had("Python and what openapi-generator's clients need", async () => {
    const folder = await newFolder('python');
    await run('python3', ['-m', 'venv', folder], tmpdir());
    const interpreter = join(folder, 'bin/python');
    await run(
      interpreter,
      ['-m', 'pip', 'install', '-q', '--retries', '0', 'urllib3', 'python-dateutil', 'pydantic'],
      folder,
    );
    return interpreter;
  });

export const go = (): Promise<boolean | undefined> =>
  had('Go', async () => {
    await run('go', ['version'], tmpdir());
    return true;
  });

/** Generates a client into a folder below `folder`, without tests and pages. `name`: of the folder and of the package in it. */
export async function generate(
  jar: string,
  { document, language, folder, name }: { document: string; language: 'go' | 'python'; folder: string; name: string },
): Promise<string> {
  const into = join(folder, name);
  await mkdir(into, { recursive: true });
  const args = ['-jar', jar, 'generate', '-i', document, '-g', language, '-o', into];
  const module = ['--git-host', 'example.test', '--git-user-id', 'diorama', '--git-repo-id', name];
  const options = ['--additional-properties', `packageName=${language === 'go' ? 'client' : name}`];
  const parts = 'models,apis,supportingFiles,modelDocs=false,apiDocs=false,modelTests=false,apiTests=false';
  await run('java', [...args, ...module, ...options, '--global-property', parts], folder);
  return into;
}
