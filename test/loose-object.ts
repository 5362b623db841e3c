/** An object as tests write and read it, of whichever kind and with whatever in it. */
// biome-ignore lint/suspicious/noExplicitAny: a test looks at what it has just made or asked for
export type LooseObject = any;
