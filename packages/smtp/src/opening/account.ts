import { Secrets } from '@loudmail/core/transport'
import type { Mechanism, Settings } from '../options.ts'

/** What the connections of one transport learn about their server, and what they log in with. */
export class Account {
  /** Mechanisms that the server offered and then refused. They are tried only if nothing else is left. */
  readonly refused = new Set<Mechanism>()
  /** Whether AUTH has an initial response. Some servers do not understand it. */
  sendsInitial = true
  /** STARTTLS was offered and did not work, and this transport goes on without it. */
  starttlsIsBroken = false
  /** The password, the latest access tokens, and what was made from them: a server may repeat any of them. */
  readonly secrets: Secrets

  constructor({ auth, proxy }: Pick<Settings, 'auth' | 'proxy'>) {
    const own = auth && ('accessToken' in auth ? auth.accessToken : auth.pass)
    // A proxy's user without a password is a token.
    this.secrets = new Secrets([own, proxy && decodeURIComponent(proxy.password || proxy.username)])
  }
}
