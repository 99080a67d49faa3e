import { Mailer, MailError } from '@loudmail/core'
import { checkNumber, checkOptions, configError, isPartlyDown } from '@loudmail/core/transport'
import { Injectable } from '@nestjs/common'
import type { HealthIndicatorResult } from '@nestjs/terminus'

/** What a health check looks at. */
export interface MailHealthOptions {
  /** The mailer to check. @default the one without a name */
  readonly mailer?: Mailer | undefined
  /**
   * Also connect and log in when the last sends show that the mailer works. It is down if that fails, unless another one of several transports works. @default false: only
   * before the first send, and while it is down
   */
  readonly connect?: boolean | undefined
  /** Do not connect again within this many ms. @default 30_000 */
  readonly maxAgeMs?: number | undefined
}

interface Check {
  readonly at: number
  readonly failure: Promise<MailError | undefined>
}

/**
 * A health indicator for terminus: `mailer.health()`, without sending. It connects only where the last sends do not show that
 * the mailer works. If it is down or degraded, it gives the code of the failure and what to do, but never the server's words.
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
    checkOptions(options, 'isHealthy()', { mailer: true, connect: true, maxAgeMs: true })
    const { mailer = this.#mailer, connect = false, maxAgeMs = 30_000 } = options
    if (typeof connect !== 'boolean') throw configError('isHealthy() connect must be true or false')
    checkNumber(maxAgeMs, 'isHealthy() maxAgeMs', 0)
    const known = mailer.health()
    const asks = connect || known.state === 'down' || known.knownAt === undefined
    const failure = asks ? await this.#check(mailer, maxAgeMs) : undefined
    const { state, lastFailure, sending, waiting, queue, counts } = mailer.health()
    const { sent, failed, silenced } = counts
    const facts = { sent, failed, silenced, sending, waiting, queue, lastFailure }
    const reason = connect && failure ? failure : state === 'up' ? undefined : lastFailure
    const isDown = state === 'down' || (connect && failure !== undefined && !isPartlyDown(failure))
    return {
      [key]: {
        status: isDown ? 'down' : 'up',
        state: isDown ? 'down' : state,
        ...(reason && { code: reason.code, hint: reason.hint }),
        ...facts,
      },
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
