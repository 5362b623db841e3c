import { describe, expect, it } from 'vitest';
import { COMMAND_PROTOCOLS } from './channel-protocol.ts';
import { type CommandEnd, endText } from './exit-status.ts';

const named = (name: string) => COMMAND_PROTOCOLS.find((protocol) => protocol.name === name)!;
const status = (protocol: string, end: CommandEnd): unknown =>
  JSON.parse(endText(named(protocol), end, ['sh', '-c', 'exit 3']));

describe("a command's end", () => {
  it('is a Success with code 0', () => {
    for (const protocol of ['v5.channel.k8s.io', 'v4.channel.k8s.io', 'v4.base64.channel.k8s.io'])
      expect(status(protocol, { exit: 0 })).toEqual({ metadata: {}, status: 'Success' });
  });

  it('tells its code as a cause', () => {
    const details = { causes: [{ reason: 'ExitCode', message: '3' }] };
    expect(status('v5.channel.k8s.io', { exit: 3 })).toEqual({
      metadata: {},
      status: 'Failure',
      reason: 'NonZeroExitCode',
      message: 'command terminated with non-zero exit code: command terminated with exit code 3',
      details,
    });
    expect(status('v4.channel.k8s.io', { exit: 3 })).toMatchObject({
      message: 'command terminated with non-zero exit code: error executing command [sh -c exit 3], exit code 3',
      details,
    });
  });

  it('tells why it never began', () => {
    const fault = 'error executing command in container: no such file';
    expect(status('v4.channel.k8s.io', { fault })).toEqual({
      metadata: {},
      status: 'Failure',
      message: `Internal error occurred: ${fault}`,
      reason: 'InternalError',
      code: 500,
    });
    expect(status('v5.channel.k8s.io', { fault })).toMatchObject({
      message: `Internal error occurred: Internal error occurred: ${fault}`,
      code: 500,
    });
  });

  it('is in words before the fourth version, and nothing when all went well', () => {
    expect(endText(named('channel.k8s.io'), { exit: 0 }, [])).toBe('');
    expect(endText(named('base64.channel.k8s.io'), { exit: 2 }, ['false'])).toBe(
      'command terminated with non-zero exit code: error executing command [false], exit code 2',
    );
  });
});
