import { Mailer, MailError } from '@loudmail/core'
import { checkNumber } from '@loudmail/core/transport'
import { Injectable } from '@nestjs/common'
import type { HealthIndicatorResult } from '@nestjs/terminus'

/** What a health check looks at. */
export interface MailHealthOptions {
  /** The mailer to check. @default the one without a name */
  readonly mailer?: Mailer | undefined
  /** Reuse the last check if it is not older than this many ms, because a check connects and logs in. @default 30_000 */
  readonly maxAgeMs?: number | undefined
}

interface Check {
  readonly at: number
  readonly failure: Promise<MailError | undefined>
}

/**
 * A health indicator for terminus. It is down if the server cannot be reached or does not accept the credentials, and then
 * gives the code of the failure and what to do. It always gives the counts and the last failure, but never the server's words.
 */
@Injectable()
export class MailHealthIndicator {
  readonly #mailer: Mailer
  readonly #checks = new WeakMap<Mailer, Check>()

  constructor(mailer: Mailer) {
    this.#mailer = mailer
  }

  /** @param key its name in the response, such as `mail` */
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
