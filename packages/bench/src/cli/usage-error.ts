/** A mistake on the command line: the message is for the user, without a stack. */
export class UsageError extends Error {}
