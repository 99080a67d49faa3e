/** The options of `loudmail dev`, as the command line has them. */
export interface DevOptions {
  readonly smtpPort: number
  readonly httpPort: number
  readonly host: string
  readonly allowHost?: readonly string[]
  readonly store?: string
  readonly maxMessages: number
  /** The file that exports previews of templates. */
  readonly previews?: string
  readonly rehearse?: string
  readonly forward?: string
  readonly forwardEnv?: string
  readonly forwardTo?: string
  readonly tls: 'none' | 'starttls' | 'implicit'
  readonly ca?: string
  readonly auth?: true
  readonly user?: string
  readonly passwordEnv?: string
  /** The name of a framework, or `all`. */
  readonly settings?: string
  readonly json?: true
  readonly quiet?: true
}
