/** Recorded CNI cases, replayed against the function that answers `/v1/simulate/cni`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { simulateCniCall } from '../../src/platform/simulate/cni.ts';
import { cniCallRequest } from '../../src/platform/simulate/cni-schemas.ts';
import { limitedWork } from '../../src/simulation/work-budget.ts';
import { Placeholders } from './placeholders.ts';

const CASES = join(import.meta.dirname, 'cases');
/** More than any recorded call takes. */
const STEPS = 20_000;

type JSONObject = Record<string, unknown>;

interface RecordedAnswer {
  exitCode: number;
  stdout: JSONObject | string;
}

interface RecordedInvocation {
  plugin: string;
  command: string;
  config: JSONObject;
  answer: RecordedAnswer;
}

interface Step {
  change?: string;
  command?: string;
  state: { files?: JSONObject; network?: JSONObject; cache?: JSONObject };
  answer: RecordedAnswer;
  invocations?: RecordedInvocation[];
}

export interface Case {
  name: string;
  plugin?: string;
  state: JSONObject;
  steps: Step[];
}

const REQUEST_FIELDS = [
  'plugin',
  'command',
  'containerID',
  'netns',
  'ifname',
  'args',
  'path',
  'config',
  'text',
  'capabilityArgs',
  'validAttachments',
];

/** Texts that are of another program, and what of them counts. */
const FOREIGN: [RegExp, string][] = [
  [/(json: cannot unmarshal \w+ into Go) .*/s, '$1'],
  [/(invalid character '.*?') .*/s, '$1'],
  [/running \[\S*?(ip6?tables) (.*?)\]: exit status.*/s, 'running [$1 $2]'],
  [/(failed to run nft|unable to set up nftables rules for port mappings): .*/s, '$1'],
];

function loosened(result: unknown): unknown {
  if (typeof result !== 'object' || result === null || !('msg' in result)) return result === '' ? null : result;
  const msg = FOREIGN.reduce((text, [pattern, kept]) => text.replace(pattern, kept), String(result.msg));
  return { ...result, msg };
}

const UNORDERED = new Set(['links', 'addresses', 'routes', 'qdiscs']);

const ordered = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => {
        const part = ordered((value as JSONObject)[key]);
        if (!UNORDERED.has(key) || !Array.isArray(part)) return [key, part];
        const texts = new Map(part.map((item) => [item, JSON.stringify(item)]));
        return [key, part.toSorted((a, b) => (texts.get(a)! < texts.get(b)! ? -1 : 1))];
      }),
  );
};

const pick = (step: object): JSONObject =>
  Object.fromEntries(Object.entries(step).filter(([field]) => REQUEST_FIELDS.includes(field)));

export const caseNames = (): string[] =>
  readdirSync(CASES)
    .map((file) => file.replace('.json', ''))
    .sort();

export const readCase = (name: string): Case => JSON.parse(readFileSync(join(CASES, `${name}.json`), 'utf8')) as Case;

/** For each call, what was recorded and what comes now, in one form. */
export function replay({ plugin, state: before, steps }: Case): { command: string; recorded: object; now: object }[] {
  const names = new Placeholders(steps.map(pick));
  let state: JSONObject = names.fill(before);
  const calls: { command: string; recorded: object; now: object }[] = [];
  for (const step of steps) {
    if (step.change !== undefined) {
      state = { ...state, ...names.fill(step.state) };
      continue;
    }
    const request = names.fill({ ...(plugin === undefined ? {} : { plugin }), ...pick(step) });
    const answer = simulateCniCall(cniCallRequest.parse({ ...request, state }), limitedWork(STEPS));
    // What travels is JSON.
    const { result, invocations = [], ...rest } = JSON.parse(JSON.stringify(answer));
    const told = names.hide(invocations.map((one: JSONObject) => ({ ...one, result: loosened(one.result) })));
    state = rest.state;
    const printed = loosened(names.hide(result));
    const { files = {}, network, cache = {} } = names.hide(rest.state);
    calls.push({
      command: step.command!,
      recorded: {
        exitCode: step.answer.exitCode,
        result: loosened(step.answer.stdout),
        files: step.state.files ?? {},
        network: ordered(step.state.network),
        cache: step.state.cache ?? {},
        invocations: (step.invocations ?? []).map(({ answer: of, ...one }) => ({
          ...one,
          exitCode: of.exitCode,
          result: loosened(of.stdout),
        })),
      },
      now: {
        exitCode: rest.exitCode,
        result: printed,
        files,
        network: step.state.network ? ordered(network) : undefined,
        cache,
        invocations: told,
      },
    });
  }
  return calls;
}
