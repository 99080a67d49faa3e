/** How a middleware hands over to the next one, or an error to the error middleware. */
export type Next = (error?: unknown) => void
