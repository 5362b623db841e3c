/** Files beside the code, which are read when they are needed: the folder `assets/`, wherever the Worker runs. */
import type { Prose, ProseSource } from '../apiserver/openapi/prose.ts';

export interface Assets {
  fetch(url: string): Promise<Response>;
}

let prose: Prose | undefined;

/** @throws Error when the file is not there */
export const proseOf =
  (assets: Assets): ProseSource =>
  async () => {
    if (prose) return prose;
    const response = await assets.fetch('https://assets/prose.json');
    if (!response.ok) throw new Error(`assets/prose.json: ${response.status}`);
    prose = await response.json<Prose>();
    return prose;
  };
