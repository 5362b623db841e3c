/** How `/v1` tells of a cluster's past. */

import { queriedRevision } from '../clusters/cluster-fields.ts';
import { timestamp } from '../clusters/cluster-schemas.ts';
import { z } from '../zod.ts';

/** Characters that name an object: longer ones are nobody's. */
export const MAX_OBJECT_LENGTH = 640;
/** Changes that one answer of commits has. */
export const MAX_COMMITS = 1000;
export const DEFAULT_COMMITS = 100;

export const objectQuery = z.string().min(1).max(MAX_OBJECT_LENGTH).openapi({
  description:
    'Whose: `RESOURCE/NAMESPACE/NAME`, or `RESOURCE/NAME` for what is in no namespace. A resource is named as kubectl knows it: `pods`, `po`, `deployments.apps`.',
  example: 'pods/default/web-5fc9f4bf66-fchfc',
});

const flag = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .optional();

export const managedFields = flag.openapi({
  type: 'boolean',
  description: 'true: what changed includes managedFields, which are left out by default.',
});

export const revisionQuery = (description: string) => queriedRevision.optional().openapi({ description });

const revisionNumber = (description: string) => z.int().openapi({ description, format: 'int64' });

const storyObject = z
  .object({
    resource: z.string().openapi({ description: 'Its resource.', example: 'deployments.apps' }),
    namespace: z.string().optional().openapi({ description: 'None of what is in no namespace.' }),
    name: z.string().openapi({ description: 'Its name.' }),
  })
  .openapi('StoryObject', { description: 'An object, by its name.' });

const operations = z
  .array(
    z.object({
      op: z.enum(['add', 'remove', 'replace']).openapi({ description: 'What is done.' }),
      path: z.string().openapi({ description: 'A JSON pointer to where.' }),
      value: z.unknown().optional().openapi({ description: 'What is there then.' }),
    }),
  )
  .openapi({ description: 'A JSON patch (RFC 6902) of the object before.' });

const author = z
  .object({
    kind: z.enum(['client', 'component', 'cluster', 'unknown']).openapi({
      description:
        '`cluster`: with its making. `unknown`: a client of etcd’s own API, the end of a lease, or nobody knows any more.',
    }),
    method: z.string().optional().openapi({ description: 'Of a client’s request.' }),
    path: z.string().optional().openapi({ description: 'Of a client’s request, with its query.' }),
    user: z.string().optional().openapi({ description: 'Whose request it was.' }),
    userAgent: z.string().optional().openapi({ description: 'What the client calls itself.' }),
    name: z.string().optional().openapi({ description: 'Which component it was.', example: 'replicaset-controller' }),
    key: z.string().optional().openapi({ description: 'What it reconciled.', example: 'default/web-5fc9f4bf66' }),
    manager: z.string().optional().openapi({ description: 'The process that it is part of.' }),
    woken: storyObject
      .extend({ revision: revisionNumber('Which change.') })
      .optional()
      .openapi({
        description:
          'The change that it had heard of; absent where an instant had come, or an answer that it had waited for.',
      }),
  })
  .openapi('StoryAuthor', { description: 'Who wrote, and why.' });

const verb = z.enum(['create', 'update', 'delete']).openapi({ description: 'What was done.' });
const run = revisionNumber('The first revision of all that its author wrote in one go.');

const call = z.object({
  from: z.string().openapi({ description: 'Who calls.' }),
  to: z.string().openapi({ description: 'Who is called.' }),
  text: z.string().openapi({ description: 'With what.', example: 'RunPodSandbox' }),
});

const write = z.object({
  revision: revisionNumber('Of the store.'),
  time: timestamp("The cluster's time.").optional(),
  relation: z.enum(['object', 'cause', 'event', 'consequence']).openapi({
    description:
      '`object`: the object itself was written. `cause`: what led to one of the writes, or made an owner. `event`: an Event that tells of it. `consequence`: by one who had heard of a change of it.',
  }),
  verb,
  object: storyObject,
  from: revisionNumber('The revision of the object that it replaced.').optional(),
  by: author,
  run,
  diff: operations.optional(),
  calls: z
    .array(call)
    .optional()
    .openapi({ description: 'What the kubelet had its container runtime do, as its write tells.' }),
});

const arrow = z.object({
  from: z.string().openapi({ description: 'Who sends.', example: 'kube-apiserver' }),
  to: z.string().openapi({ description: 'To whom.', example: 'etcd' }),
  kind: z.enum(['request', 'write', 'watch', 'call', 'timer']).openapi({
    description:
      '`request`: to the API server. `write`: from there to etcd. `watch`: a change on its way to who watches. `call`: what a kubelet had done. `timer`: an instant had come.',
  }),
  text: z.string().openapi({ description: 'What is sent.' }),
  revision: revisionNumber('That is written or delivered.'),
  time: timestamp("The cluster's time.").optional(),
  write: z.int().openapi({ description: 'Which of the writes it belongs to, from 0.' }),
});

export const storySchema = z
  .object({
    object: storyObject.extend({ uid: z.string().optional().openapi({ description: 'Which of its name.' }) }),
    complete: z
      .boolean()
      .openapi({ description: 'Whether all of the object’s writes are here, from its creation on.' }),
    before: revisionNumber('There are more writes of the object before this revision: ask again with it.').optional(),
    cut: z.boolean().openapi({ description: 'Whether something of the others was left out for its size.' }),
    writes: z.array(write).openapi({ description: 'In the order of their revisions.' }),
    arrows: z.array(arrow).openapi({ description: 'The same as steps from one to another, in their order.' }),
  })
  .openapi('Story', { description: 'The story of an object.' });

export const diffSchema = z
  .object({
    object: storyObject,
    from: revisionNumber('Of the store.'),
    to: revisionNumber('Of the store.'),
    diff: operations,
  })
  .openapi('StoryDiff', { description: 'What became of an object between two revisions.' });

export const commitSchema = z
  .object({
    revision: revisionNumber('Of the store.'),
    time: timestamp("The cluster's time.").optional(),
    by: author,
    run,
    changes: z
      .array(z.object({ verb, object: storyObject }))
      .openapi({ description: 'What was done, and to which objects.' }),
  })
  .openapi('StoryCommit', { description: 'One revision of the store.' });
