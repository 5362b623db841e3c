/**
 * The arrows between the rooms of `src/`, enforced: who may import whom. Also: nothing that runs in the Worker imports `node:`, and the
 * page, in `ui/`, imports nothing but itself. And no files import each other in a circle, not even for types: each can be read after what
 * it uses. Tests are no part of it.
 * Prints each import that goes against an arrow, each arrow that nobody needs and each circle, and ends with 1 if there is one.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** For each room, the rooms whose code it may import, and those of which it may use types only. */
const WORDS = ['simulation', 'objects'];
const KINDS = [...WORDS, 'catalog', 'admission', 'resources'];
const ARROWS: Record<string, { code: string[]; types: string[] }> = {
  simulation: { code: [], types: [] },
  kubeadm: { code: [...WORDS, 'apiserver'], types: [] },
  objects: { code: [], types: ['simulation'] },
  cel: { code: WORDS, types: [] },
  catalog: { code: WORDS, types: [] },
  admission: { code: ['objects', 'catalog'], types: [] },
  resources: { code: [...WORDS, 'cel', 'catalog', 'admission'], types: [] },
  etcd: { code: ['simulation'], types: ['apiserver'] },
  network: { code: WORDS, types: [] },
  machine: { code: ['simulation'], types: [] },
  scheduler: { code: [...WORDS, 'admission', 'resources'], types: [] },
  controllers: { code: KINDS, types: [] },
  kubelet: { code: [...WORDS, 'machine', 'resources', 'controllers', 'network', 'scheduler'], types: [] },
  apiserver: { code: [...KINDS, 'cel'], types: ['etcd', 'machine'] },
  platform: { code: [...WORDS, 'cel', 'resources', 'apiserver', 'scheduler', 'network', 'kubeadm'], types: [] },
  cluster: {
    code: [
      ...WORDS,
      'catalog',
      'resources',
      'etcd',
      'network',
      'scheduler',
      'controllers',
      'kubeadm',
      'kubelet',
      'machine',
      'apiserver',
      'platform',
    ],
    types: [],
  },
  ui: { code: [], types: [] },
  cli: { code: [], types: [] },
};

/** Errors, shapes and formats that all rooms speak in; they import nothing but one another. */
const VOCABULARY = [
  'src/etcd/bounded-body.ts',
  'src/etcd/errors.ts',
  'src/etcd/snapshot-file.ts',
  'src/etcd/types.ts',
  'src/machine/bytes.ts',
  'src/objects/webhook-call.ts',
  'src/objects/webhook-wire.ts',
];

/** The command line starts the local server, on the user's own Node, whose version it checks as the scripts do, and calls webhooks as that does. */
const SERVER = [
  'scripts/check-node.js',
  'scripts/local-server.ts',
  'scripts/local/checked-limits.ts',
  'scripts/local/installation.ts',
  'scripts/local/webhook-caller.ts',
];

const ROOT = join(import.meta.dirname, '..');
const IMPORT = /^(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|\bimport\('([^']+)'\)/gm;

const roomOf = (path: string): string | undefined => /^src\/([^/]+)\//.exec(path)?.[1];

interface Import {
  /** As it is written. */
  target: string;
  /** From the repository's root, for a file of ours. */
  path: string | undefined;
  ofTypes: boolean;
}

const importsOf = (file: string): Import[] =>
  [...readFileSync(join(ROOT, file), 'utf8').matchAll(IMPORT)].map((match) => {
    const target = match[2] ?? match[3]!;
    const path = target.startsWith('.') ? normalize(join(dirname(file), target)).replaceAll('\\', '/') : undefined;
    return { target, path, ofTypes: Boolean(match[1]) };
  });

function problems(file: string): string[] {
  const found: string[] = [];
  const room = roomOf(file);
  const ofPage = file.startsWith('ui/');
  const inNode =
    file.endsWith('.node.ts') ||
    file.endsWith('.node.test.ts') ||
    room === 'cli' ||
    (ofPage && file.endsWith('.test.ts'));
  for (const { target, path = file, ofTypes } of importsOf(file)) {
    if (target.startsWith('node:') && !inNode) found.push(`${file}: only *.node.ts may import ${target}`);
    if (ofPage && !file.endsWith('.test.ts') && !/^\.\.?\//.test(target))
      found.push(`${file}: the page may not import ${target}`);
    if (ofPage && !path.startsWith('ui/')) found.push(`${file}: the page may not import ${target}`);
    const other = roomOf(path);
    if (!room || other === room || VOCABULARY.includes(path) || file.endsWith('.test.ts')) continue;
    if (room === 'cli' && SERVER.includes(path)) continue;
    const arrows = ARROWS[room];
    if (!arrows) found.push(`${file}: src/${room} is no room; the rooms are in this check and in docs/architecture.md`);
    else if (!other || !(arrows.code.includes(other) || (ofTypes && arrows.types.includes(other))))
      found.push(`${file}: ${room} may not import ${target}`);
  }
  return found;
}

/** Rooms that one may import and does not: what nobody needs is no arrow. */
function unusedArrows(files: readonly string[]): string[] {
  const used = new Set<string>();
  for (const file of files) {
    if (file.endsWith('.test.ts')) continue;
    for (const { path } of importsOf(file)) if (path) used.add(`${roomOf(file)} ${roomOf(path)}`);
  }
  return Object.entries(ARROWS).flatMap(([room, { code, types }]) =>
    [...code, ...types]
      .filter((other) => !used.has(`${room} ${other}`))
      .map((other) => `${room} may import ${other}, and does not: the arrow is to go`),
  );
}

/** Files that import one another, a group at a time. Source: Tarjan's strongly connected components. */
function circles(files: readonly string[]): string[][] {
  const imports = new Map(files.map((file) => [file, importsOf(file).flatMap(({ path }) => (path ? [path] : []))]));
  const found: string[][] = [];
  const order = new Map<string, number>();
  const open: string[] = [];
  /** The place in the order of the first file that this one leads back to; none once its group is closed. */
  const visit = (file: string): number => {
    const known = order.get(file);
    if (known !== undefined) return open.includes(file) ? known : Number.POSITIVE_INFINITY;
    const at = order.size;
    order.set(file, at);
    open.push(file);
    const others = imports.get(file)!;
    const first = others
      .filter((other) => imports.has(other))
      .reduce((least, other) => Math.min(least, visit(other)), at);
    if (first < at) return first;
    const group = open.splice(open.indexOf(file));
    if (group.length > 1) found.push(group.sort());
    return Number.POSITIVE_INFINITY;
  };
  for (const file of files) visit(file);
  return found;
}

const files = globSync(['src/**/*.{ts,js}', 'ui/**/*.ts'], { cwd: ROOT }).map((file) => file.replaceAll('\\', '/'));
files.sort();
const found = [
  ...files.flatMap(problems),
  ...unusedArrows(files),
  ...circles(files.filter((file) => !file.endsWith('.test.ts'))).map(
    (group) => `these import one another: ${group.join(', ')}`,
  ),
];
for (const problem of found) console.error(problem);
if (found.length > 0) process.exit(1);
console.log(`${files.length} files keep to the arrows, and none imports itself`);
