/** Texts with a newline after each. */
export const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('');
