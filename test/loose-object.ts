/** An object as tests write and read it, of whichever kind and with whatever in it. */
export type LooseObject = any;
