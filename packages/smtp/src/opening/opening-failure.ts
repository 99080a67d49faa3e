import type { MailErrorInit } from '@loudmail/core/transport'

/** Why a connection could not be opened. Every message that waits for it fails with this. */
export class OpeningFailure extends Error {
  override readonly name = 'OpeningFailure'
  readonly init: Pick<
    MailErrorInit,
    'stage' | 'kind' | 'summary' | 'hint' | 'permanence' | 'reply' | 'retryAfterMs' | 'cause'
  >

  constructor(init: OpeningFailure['init']) {
    super(`${init.stage}/${init.kind}`)
    this.init = init
  }
}
