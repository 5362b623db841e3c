/** @throws an error that no refusal and no state explains, such as a change of an object that is shared: the test that it comes in fails. */
export function mistake(error: unknown): void {
  if (error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError) throw error;
}
