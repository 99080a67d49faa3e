/** What the program ends with. */
export const EXIT = {
  /** It did what it was asked, or has only a warning. */
  ok: 0,
  /** What was asked failed. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** Ctrl-C, as shells count it. */
  interrupted: 130,
} as const

/** Ends a command with an exit status other than 0. */
export type Finish = (status: number) => void
