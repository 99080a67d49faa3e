import type { Stage } from '@loudmail/core'
import { isLoopback, SMTP_OPTION_WORDS, type Situation } from '@loudmail/core/transport'

const CONNECTED =
  /^(?:connected to|connection established to|connecting to|connected to .* port|trying|=== connected to|connection: opened)\b/i
const ADDRESS =
  /(?:to|trying)\s+\[?([\w.:-]*?[\w])\]?(?:\s+\([\d.a-f:]+\))?(?:(?::|\s+port\s+)(\d{1,5}))?(?:\.\.\.|\.|\s|$)/i
const ENCRYPTED =
  /encrypted with|TLS established|upgraded with STARTTLS|TLS started|SSL connection using|^New, TLS|^CONNECTED\(/i
const TOKEN = /^(?:XOAUTH2|OAUTHBEARER)$/i

/** What a log shows around the conversation; hints take it into account. */
export class Surroundings {
  protocol: 'smtp' | 'lmtp' = 'smtp'
  greeting: string | undefined
  hello: readonly string[] | undefined
  hasTriedLogIn = false
  encrypted = false
  #host = ''
  #port: number | undefined
  #name: string | undefined
  #auth: 'password' | 'token' | undefined
  #askedForTls = false

  /** Reads an event. Gives the step that it leads to. */
  event(text: string): Stage | undefined {
    if (ENCRYPTED.test(text)) {
      this.encrypted = true
      return 'greeting'
    }
    if (!CONNECTED.test(text)) return undefined
    const [, host, port] = ADDRESS.exec(text) ?? []
    this.#host ||= host ?? ''
    if (port !== undefined) this.#port = Number(port)
    if (/^(?:connecting|trying)/i.test(text)) return 'connect'
    return this.#port === 465 ? 'tls' : 'greeting'
  }

  /** Reads a command. */
  command(verb: string, text: string): void {
    if (verb === 'LHLO') this.protocol = 'lmtp'
    if (verb === 'EHLO' || verb === 'LHLO' || verb === 'HELO') {
      const name = text.split(/\s+/)[1]
      // An address in brackets stands for no name.
      this.#name = name?.startsWith('[') ? undefined : name
      // Nothing but a second EHLO shows that TLS began in logs that leave events out.
      this.encrypted ||= this.#askedForTls
    }
    if (verb === 'STARTTLS') this.#askedForTls = true
    const mechanism = /^AUTH +(\S+)/i.exec(text)?.[1]
    if (mechanism === undefined) return
    this.hasTriedLogIn = true
    this.#auth = TOKEN.test(mechanism) ? 'token' : 'password'
  }

  /** @param host what the caller says */
  situation(host: string | undefined): Situation {
    const own = host ?? this.#host
    const isImplicit = this.#port === 465 || (this.encrypted && !this.#askedForTls)
    return {
      host: own,
      port: this.#port ?? 587,
      tls: isImplicit ? 'implicit' : isLoopback(own) ? 'opportunistic' : 'starttls',
      auth: this.#auth,
      name: this.#name,
      connections: undefined,
      options: SMTP_OPTION_WORDS,
      greeting: this.greeting,
      hello: this.hello,
      encrypted: this.encrypted,
    }
  }
}
