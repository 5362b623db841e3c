/** What `/v1/simulate/cni` takes and answers: one call as a container runtime makes it, or pods that want addresses. */
import { PLUGIN_NAMES } from '../../network/cni/call.ts';
import { boundedList, boundedMap, textMap } from '../http/bounded.ts';
import { z } from '../zod.ts';
import { cniAnswer, cniRequest } from './schemas.ts';

export const MAX_CNI_ATTACHMENTS = 5000;
export const MAX_CNI_FILES = 20_000;
/** Of variables of the environment. */
export const MAX_CNI_VARIABLE = 4096;

const variable = (description: string, example?: string) =>
  z
    .string()
    .max(MAX_CNI_VARIABLE)
    .optional()
    .openapi({ description, ...(example ? { example } : {}) });

const anything = (description: string) => z.looseObject({}).openapi({ description });

const state = z
  .looseObject({
    files: boundedMap(textMap(), MAX_CNI_FILES, 'files')
      .optional()
      .openapi({ description: 'Paths to texts: reservations of addresses, and what a plugin reads.' }),
    network: anything('Links, routes, sysctls and rules of the host and of its containers.').optional(),
    cache: anything("Attachments that the runtime's library remembers.").optional(),
  })
  .openapi({ description: 'The machine before the call, as the answer to the call before told it.' });

export const cniCallRequest = z
  .strictObject({
    plugin: z
      .enum(PLUGIN_NAMES as [string, ...string[]])
      .optional()
      .openapi({ description: 'The program that runs; without it the configuration is a list of plugins.' }),
    command: variable('CNI_COMMAND.', 'ADD'),
    containerID: variable('CNI_CONTAINERID.', 'c1'),
    netns: variable('CNI_NETNS.', '/var/run/netns/pod-1'),
    ifname: variable('CNI_IFNAME.', 'eth0'),
    args: variable('CNI_ARGS.'),
    path: variable('CNI_PATH.', '/opt/cni/bin'),
    config: anything('What is on stdin.').optional(),
    text: z.string().optional().openapi({ description: 'What is on stdin, where it is no JSON object.' }),
    capabilityArgs: anything("The runtime's arguments, by capability; of lists.").optional(),
    validAttachments: boundedList(
      z.looseObject({
        containerID: z.string().openapi({ description: 'The container.' }),
        ifname: z.string().openapi({ description: 'Its interface.' }),
      }),
      MAX_CNI_ATTACHMENTS,
    )
      .optional()
      .openapi({ description: 'Attachments that stay when the others are collected; of lists.' }),
    state: state.default({}),
  })
  .refine(({ config, text }) => config === undefined || text === undefined, 'config and text are both stdin')
  .openapi('CniCall', { description: 'A call of CNI as a container runtime makes it.' });

/** By what only one of the two has. */
export const cniBody = z
  .preprocess(
    (value, context) => {
      const isOfPods = typeof value === 'object' && value !== null && ('nodes' in value || 'pods' in value);
      const parsed = (isOfPods ? cniRequest : cniCallRequest).safeParse(value);
      if (parsed.success) return value;
      for (const issue of parsed.error.issues) context.addIssue({ ...issue } as Parameters<typeof context.addIssue>[0]);
      return z.NEVER;
    },
    z.union([cniRequest, cniCallRequest]),
  )
  .openapi({ description: 'One call, or nodes and pods that want addresses on them.' });

/** Said to be anything: generators of clients for Go write a choice between an object and a text as Go that is none. */
export const printed = z
  .unknown()
  .openapi({ description: 'What was written to stdout: an object, nothing, or text that is not one document.' });
const exitCode = z.int().openapi({ description: 'As of the process.', example: 0 });

export const invocations = z
  .array(
    z.object({
      plugin: z.string().openapi({ description: 'The plugin.', example: 'bridge' }),
      command: z.string().openapi({ description: 'What it was called to do.', example: 'ADD' }),
      config: z.looseObject({}).openapi({ description: 'What was on its stdin.' }),
      exitCode,
      result: printed,
    }),
  )
  .optional()
  .openapi({ description: "Of a list: each plugin's call, in order." });

export const cniCallAnswer = z
  .object({
    exitCode,
    result: printed,
    state: z.looseObject({}).openapi({ description: 'The machine after the call.' }),
    invocations,
    error: z.string().optional().openapi({ description: "Of a list: the library's words for what went wrong." }),
  })
  .openapi('CniCallAnswer', { description: 'What the call printed, and what it left behind.' });

export const cniEitherAnswer = z.union([cniAnswer, cniCallAnswer]).openapi({ description: 'As what was asked for.' });
