/** Requests to a server, and what went wrong with one, in a line. */

/** An answer that is no success. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(`${status}: ${message}`);
    this.status = status;
  }
}

/** The answer's own words: `detail` of the platform's problems, which names the first field that is wrong; `message` of Kubernetes' Status. */
export async function refusal(response: Response): Promise<Refusal> {
  const text = await response.text();
  try {
    const { detail, message, title } = JSON.parse(text);
    return new Refusal(response.status, detail ?? message ?? title ?? text);
  } catch {
    return new Refusal(response.status, text);
  }
}

/** Says which server was not there: `fetch` alone says only that it failed. @throws Refusal */
export async function ask(url: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(url, init).catch((error: Error) => {
    throw new Error(`${new URL(url).origin} can't be reached: ${causeOf(error)}`);
  });
  if (!response.ok) throw await refusal(response);
  return response;
}

/** Node tries each address of a name, and then has an error for each of them and no words of its own. */
function causeOf(error: Error): string {
  const cause = error.cause as (Error & { code?: string; errors?: Error[] }) | undefined;
  return cause?.message || cause?.errors?.[0]?.message || cause?.code || error.message;
}

export const bearer = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` });
