/** Calls the next middleware, or the error middleware if there is an error. */
export type Next = (error?: unknown) => void
