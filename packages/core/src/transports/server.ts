/** Where a transport sends to. */
export interface Server {
  /** A name or an IP address. */
  readonly host: string
  /** The TCP port. */
  readonly port: number
}
