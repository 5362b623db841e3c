/** Whether there is a workerd for this machine, and where. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Those that workerd is built for. */
const PLATFORMS = ['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64', 'win32-x64'];

/** The GNU C library's loader, which starts workerd on Linux; Alpine, say, has another library. */
const LOADERS: Record<string, string> = {
  x64: '/lib64/ld-linux-x86-64.so.2',
  arm64: '/lib/ld-linux-aarch64.so.1',
};

/** What of a machine decides, with names as in `process`. */
export interface Machine {
  platform: string;
  arch: string;
  has(path: string): boolean;
}

/** Why no server can run on a machine; undefined if one can. */
export function unsupported({ platform, arch, has }: Machine): string | undefined {
  const name = `${platform}-${arch}`;
  if (!PLATFORMS.includes(name))
    return `Diorama's server does not run on ${name}: there is no workerd for it, but for ${PLATFORMS.join(', ')}.`;
  if (platform === 'linux' && !has(LOADERS[arch]!))
    return `Diorama's server does not run on this Linux: workerd needs the GNU C library (${LOADERS[arch]}).`;
  return undefined;
}

/** The path of workerd. @throws Error that says in one line why there is none. */
export function workerdBinary(): string {
  const { platform, arch } = process;
  const reason = unsupported({ platform, arch, has: existsSync });
  if (reason) throw new Error(reason);
  try {
    const require = createRequire(import.meta.url);
    return require(require.resolve('workerd')).default;
  } catch {
    throw new Error(`workerd is not installed for ${platform}-${arch}: install again, with optional dependencies.`);
  }
}
