/** What sockets a pod has: netstat, ss. */
import type { Process } from '../program.ts';
import { type Applet, readOr } from './applet.ts';

interface Socket {
  protocol: string;
  local: string;
  remote: string;
  state: string;
}

const TCP_STATES: Readonly<Record<string, string>> = { '01': 'ESTABLISHED', '06': 'TIME_WAIT', '0A': 'LISTEN' };

/** Bytes of each word of an address are turned round. */
function addressText(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).reverse().map((pair) => Number.parseInt(pair, 16)),
  );
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.every((byte) => byte === 0)) return '::';
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16));
  return groups.join(':').replace(/(?:^|:)0(?::0)+(?:$|:)/, '::');
}

/** Sockets as /proc/net tells them. */
function socketsOf(process: Process): Socket[] {
  const endpoint = (text: string): string => {
    const [address, port] = text.split(':');
    return `${addressText(address!)}:${Number.parseInt(port!, 16) || '*'}`;
  };
  return ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((file) => {
    const protocol = file.slice(0, 3);
    return readOr(process, `/proc/net/${file}`)
      .split('\n')
      .slice(1)
      .filter((line) => line.trim() !== '')
      .map((line): Socket => {
        const [, local, remote, state] = line.trim().split(/\s+/);
        return {
          protocol,
          local: endpoint(local!),
          remote: endpoint(remote!),
          state: protocol === 'udp' ? '' : (TCP_STATES[state!] ?? state!),
        };
      });
  });
}

const chosen = (process: Process): Socket[] => {
  const letters = process.args.filter((arg) => /^-[a-z]+$/.test(arg)).join('');
  const isListening = /l/.test(letters);
  const protocols = ['tcp', 'udp'].filter((protocol) => letters.includes(protocol[0]!));
  return socketsOf(process).filter(({ protocol, state }) => {
    if (protocols.length > 0 && !protocols.includes(protocol)) return false;
    if (/a/.test(letters)) return true;
    return (state === 'LISTEN' || protocol === 'udp') === isListening;
  });
};

export const netstat: Applet = function* (process) {
  const rows = chosen(process).map(
    ({ protocol, local, remote, state }) =>
      `${protocol.padEnd(6)}     0      0 ${local.padEnd(23)} ${remote.padEnd(23)} ${state.padEnd(11)} \n`,
  );
  const kind = process.args.some((arg) => /^-\w*l/.test(arg))
    ? '(only servers)'
    : process.args.some((arg) => /^-\w*a/.test(arg))
      ? '(servers and established)'
      : '(w/o servers)';
  yield* process.write(
    1,
    `Active Internet connections ${kind}\nProto Recv-Q Send-Q Local Address           Foreign Address         State       \n${rows.join('')}`,
  );
  return 0;
};

export const ss: Applet = function* (process) {
  const isHeaded = !process.args.includes('-H');
  const rows = chosen(process).map(({ protocol, local, remote, state }) => {
    const shown = protocol === 'udp' ? 'UNCONN' : state === 'LISTEN' ? 'LISTEN' : 'ESTAB';
    return `${protocol.padEnd(6)}${shown.padEnd(7)}${'0'.padEnd(7)}${(state === 'LISTEN' ? '511' : '0').padEnd(7)}${local.padStart(20)} ${remote.padStart(19)}\n`;
  });
  yield* process.write(
    1,
    `${isHeaded ? 'Netid State  Recv-Q Send-Q   Local Address:Port   Peer Address:Port\n' : ''}${rows.join('')}`,
  );
  return 0;
};
