/** What several commands ask of their options. */

/** An option without which there is nothing to do. */
export function required(value: string | undefined, name: string): string {
  if (value === undefined || value === '') throw new Error(`--${name} is missing`);
  return value;
}

export const tokenOption = (value: string | undefined): string => required(value ?? process.env.DIORAMA_TOKEN, 'token');

/** The address without a slash at its end. */
export function urlOption(value: string | undefined, name: string): string {
  const text = required(value, name);
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) throw new Error(`--${name} ${text} is no http address`);
  return text.replace(/\/+$/, '');
}

/** An answer that is no success, as an error that says what the server said. */
export async function refusal(response: Response): Promise<Error> {
  const text = await response.text();
  try {
    const { detail, message, title } = JSON.parse(text);
    return new Error(`${response.status}: ${detail ?? message ?? title ?? text}`);
  } catch {
    return new Error(`${response.status}: ${text}`);
  }
}

/** Says which server was not there: `fetch` alone says only that it failed. */
export async function ask(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init).catch((error: Error) => {
    throw new Error(
      `${new URL(url).origin} can't be reached: ${(error.cause as Error | undefined)?.message ?? error.message}`,
    );
  });
  if (!response.ok) throw await refusal(response);
  return response;
}
