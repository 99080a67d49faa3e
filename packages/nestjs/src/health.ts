import { Mailer, MailError } from '@loudmail/core'
import { checkNumber } from '@loudmail/core/transport'
import { Injectable } from '@nestjs/common'
import type { HealthIndicatorResult } from '@nestjs/terminus'

export interface MailHealthOptions {
  /** The mailer to look at. @default the one without a name */
  readonly mailer?: Mailer | undefined
  /** A check that is not older than so many ms is used again: a check connects and logs in. @default 30_000 */
  readonly maxAgeMs?: number | undefined
}

interface Check {
  readonly at: number
  readonly failure: Promise<MailError | undefined>
}

/**
 * A health indicator for terminus: down where the transport cannot be reached or does not take the credentials, with the
 * code of the failure and what to do; in both cases with the counts and the last failure. The server's words are not told.
 */
@Injectable()
export class MailHealthIndicator {
  readonly #mailer: Mailer
  readonly #checks = new WeakMap<Mailer, Check>()

  constructor(mailer: Mailer) {
    this.#mailer = mailer
  }

  /** @param key what it is called in the answer, `mail` say */
  async isHealthy(key: string, options: MailHealthOptions = {}): Promise<HealthIndicatorResult> {
    const { mailer = this.#mailer, maxAgeMs = 30_000 } = options
    checkNumber(maxAgeMs, 'isHealthy() maxAgeMs', 0)
    const failure = await this.#check(mailer, maxAgeMs)
    const { sent, failed, silenced, lastFailure } = mailer.stats
    const facts = { sent, failed, silenced, lastFailure: lastFailure && reasonOf(lastFailure) }
    return {
      [key]: failure ? { status: 'down', ...reasonOf(failure), ...facts } : { status: 'up', ...facts },
    }
  }

  #check(mailer: Mailer, maxAgeMs: number): Promise<MailError | undefined> {
    const known = this.#checks.get(mailer)
    if (known && performance.now() - known.at < maxAgeMs) return known.failure
    const failure = mailer.verify().then(
      () => undefined,
      (error: unknown) => {
        if (MailError.is(error)) return error
        throw error
      },
    )
    this.#checks.set(mailer, { at: performance.now(), failure })
    return failure
  }
}

function reasonOf({ code, hint }: MailError): { code: string; hint: string } {
  return { code, hint }
}
