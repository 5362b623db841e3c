/** What the OpenAPI document of `/v1` says beside its routes, and how it says what is there by default. */

/** The tags in the order in which a reader wants them. */
export const DOCUMENT = {
  openapi: '3.1.0',
  info: {
    title: 'Diorama',
    version: '1',
    description:
      "Simulated Kubernetes clusters, made in milliseconds. A cluster's own API is Kubernetes', at the `server` that its making answers. Errors are problem documents (RFC 9457).",
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  tags: [
    { name: 'clusters', description: 'Make clusters, list and change them, and get what kubectl needs.' },
    {
      name: 'tokens',
      description:
        "Tokens of less power than the admin's: for a page that many read, or a client that is to change little.",
    },
    {
      name: 'clock',
      description: "A cluster's own time: stopped, faster, or stepped forward with all that is due on the way.",
    },
    { name: 'story', description: 'What was written in a cluster, by whom, and for what.' },
    { name: 'copies', description: 'A cluster as a file, and clusters from another’s state or past.' },
    { name: 'faults', description: 'What is broken in a cluster on purpose, and mended.' },
    {
      name: 'simulation',
      description:
        'The scheduler, pod addressing and kube-proxy as functions of the state in the body. No cluster is needed, and nothing is kept.',
    },
  ],
};

/** Where `npm start` serves; a served document names the origin that was asked. */
export const LOCAL_SERVER = { url: 'http://localhost:8787', description: 'A server on this machine.' };

/** Goes without saying. */
const EMPTY = ['{}', '[]', '""'];

/**
 * Says defaults in words: whoever generates a client from a field with a `default` takes it for one that is always there, in requests
 * too. Changes the document in place.
 */
export function tellDefaults(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  const schema = value as Record<string, unknown>;
  if ('default' in schema && ('type' in schema || 'anyOf' in schema)) {
    const told = JSON.stringify(schema.default);
    if (told !== undefined && !EMPTY.includes(told))
      schema.description = `${schema.description ? `${schema.description} ` : ''}By default \`${told}\`.`;
    delete schema.default;
  }
  for (const [key, inner] of Object.entries(schema)) if (!key.startsWith('example')) tellDefaults(inner);
}
