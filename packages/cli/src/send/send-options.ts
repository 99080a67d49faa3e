/** The options of `loudmail send`, as they were written. */
export interface SendOptions {
  readonly from?: string
  readonly to?: readonly string[]
  readonly cc?: readonly string[]
  readonly bcc?: readonly string[]
  readonly replyTo?: readonly string[]
  readonly subject?: string
  readonly text?: string
  readonly html?: string
  readonly textFile?: string
  readonly htmlFile?: string
  readonly attach?: readonly string[]
  readonly header?: readonly string[]
  readonly as?: 'eml' | 'json'
  readonly env?: string
  readonly passwordEnv?: string
  readonly passwordStdin?: boolean
  readonly policy: 'loud' | 'silent' | 'silence-transient' | 'silence-recipients'
  readonly retry?: boolean
  readonly deadline?: number
  readonly transcript?: boolean
  readonly json?: boolean
  readonly repeat?: number
  readonly rate?: number
  readonly connections?: number
  readonly iOwnThisServer?: boolean
}

/** The options of a load check. */
export type LoadOptions = SendOptions & { readonly repeat: number }
