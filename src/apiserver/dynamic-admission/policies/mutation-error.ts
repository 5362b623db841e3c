/** Why a mutation can't be made, in the words that its policy refuses the request by. */
export class MutationError extends Error {}
