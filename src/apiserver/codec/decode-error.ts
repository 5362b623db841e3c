/** A value that can't be decoded at all; the message is Go's. */
export class DecodeError extends Error {}
