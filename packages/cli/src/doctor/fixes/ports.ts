/** Where servers for sending usually listen. */
export interface Ports {
  /** TLS from the start. */
  readonly implicit: number
  /** STARTTLS. */
  readonly submission: number
  /** Mail between servers. */
  readonly relay: number
  /** What many providers have for networks that block the others. */
  readonly alternative: number
}

/** RFC 8314, RFC 6409, RFC 5321; the last one is a custom. */
export const PORTS: Ports = { implicit: 465, submission: 587, relay: 25, alternative: 2525 }
