import type { MailErrorInit } from '@loudmail/core/transport'

/** Why a connection did not become ready; every message that waits for it fails with this. */
export class HandshakeFailure extends Error {
  override readonly name = 'HandshakeFailure'
  readonly init: Pick<MailErrorInit, 'stage' | 'kind' | 'summary' | 'permanence' | 'reply' | 'cause'>

  constructor(init: HandshakeFailure['init']) {
    super(`${init.stage}/${init.kind}`)
    this.init = init
  }
}
