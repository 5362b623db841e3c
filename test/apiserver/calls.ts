/** A cluster's API in this process, for tests that look at single answers. */
import { createContractCluster } from '../contract/cluster.ts';

export interface Answer {
  status: number;
  body: any;
  headers: Headers;
}

export type Call = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string | null>,
) => Promise<Answer>;

export const JSON_PATCH = { 'content-type': 'application/json-patch+json' };
export const MERGE_PATCH = { 'content-type': 'application/merge-patch+json' };
export const STRATEGIC_PATCH = { 'content-type': 'application/strategic-merge-patch+json' };
export const APPLY_PATCH = { 'content-type': 'application/apply-patch+yaml' };

/** `area` says which components run, as in the contract. `advance` lets the cluster's time pass, milliseconds. */
export async function openCluster(
  area = 'protocol',
): Promise<{ call: Call; advance(milliseconds: number): Promise<void>; close(): void }> {
  const cluster = await createContractCluster(area);
  const call: Call = async (method, path, body, headers = {}) => {
    const response = await cluster.fetch(method, path, headers, body);
    const text = await response.text();
    const isJSON = response.headers.get('content-type')?.includes('json');
    return {
      status: response.status,
      body: isJSON && text !== '' ? JSON.parse(text) : text,
      headers: response.headers,
    };
  };
  return { call, advance: (milliseconds) => cluster.advance(milliseconds), close: () => cluster.close() };
}
