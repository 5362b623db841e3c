/** Why a program could not be started, in the words of runc and containerd. */
import type { Errno } from './errno.ts';
import type { StartFault } from './pod-machine.ts';

/** Of what could not be started. */
const EXIT_CODE = 128;
const TASK =
  'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: ';
const PROCESS = 'unable to start container process: ';

/** runc looks a name up, and a path as it is. */
function executableFault(name: string, { code, message }: Errno): string {
  const words = message.charAt(0).toLowerCase() + message.slice(1);
  if (code === 'ENOENT' && !name.includes('/'))
    return `exec: ${JSON.stringify(name)}: executable file not found in $PATH`;
  if (code === 'ENOENT') return `exec: ${JSON.stringify(name)}: stat ${name}: no such file or directory`;
  if (code === 'EISDIR') return `exec: ${JSON.stringify(name)}: is a directory`;
  if (code === 'ENOEXEC') return `exec ${name}: exec format error`;
  return `exec: ${JSON.stringify(name)}: ${words}`;
}

/** A container that could not be started. */
export function startFault(name: string, cwd: string, error: Errno): StartFault {
  const why = error.code === 'ENOTDIR' ? `mkdir ${cwd}: not a directory` : executableFault(name, error);
  return { reason: 'StartError', message: `${TASK}${PROCESS}error during container init: ${why}`, exitCode: EXIT_CODE };
}

/** A session that could not be started. Its exit code is 127 where there is no such program, else 126. */
export function execFault(name: string, error: Errno): StartFault {
  const message =
    error.code === 'ESRCH'
      ? 'cannot exec in a stopped container'
      : `OCI runtime exec failed: exec failed: ${PROCESS}${executableFault(name, error)}`;
  return { reason: 'ExecError', message, exitCode: error.code === 'ENOENT' ? 127 : 126 };
}
