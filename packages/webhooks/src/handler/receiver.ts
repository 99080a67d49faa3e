import { callSafely, type HttpAnswer } from '@loudmail/core/transport'
import type { MailNews } from '../mail-news.ts'
import { fingerprint } from '../signing/equal.ts'
import { isWebhookError, WebhookError } from '../webhook-error.ts'
import type { ReadWebhook, WebhookRequest } from '../webhook-source.ts'
import { failed, heard, refused } from './answer.ts'
import type { Handling } from './options.ts'
import type { WebhookReport } from './report.ts'
import { Turns } from './turns.ts'

const DONE = 'done'

/** Handles requests, whatever web server they came through: each news once, and nothing that is not signed. */
export class Receiver {
  readonly #handling: Handling
  readonly #turns = new Turns()

  constructor(handling: Handling) {
    this.#handling = handling
  }

  /** Never rejects. @param read reads the request, after its method is checked */
  async answer(method: string | undefined, read: () => Promise<WebhookRequest>): Promise<HttpAnswer> {
    try {
      if (method !== 'POST')
        throw new WebhookError('method', 'only POST is answered here', 'Send news with POST.')
      return await this.#receive(await read())
    } catch (error) {
      if (isWebhookError(error)) {
        const kind = error.problem === 'unknown-event' ? 'unknown' : 'refused'
        if (kind === 'refused') this.#report({ kind, error, status: error.status })
        return refused(error)
      }
      this.#report({ kind: 'failed', error, status: 500 })
      return failed()
    }
  }

  async #receive(request: WebhookRequest): Promise<HttpAnswer> {
    const { source } = this.#handling
    const read = await source.read(request, Date.now())
    const keys = keysOf(source.provider, read)
    return this.#turns.take(
      [keys.told, keys.once, ...keys.news].filter((key) => key !== undefined),
      () => this.#take(read, keys, fingerprint(request.body)),
    )
  }

  /** Stores such as Redis say `null` for a key that they do not have. */
  async #seen(key: string): Promise<string | undefined> {
    return (await this.#handling.seen.get(key)) ?? undefined
  }

  async #take(read: ReadWebhook, keys: Keys, body: string): Promise<HttpAnswer> {
    const { seen } = this.#handling
    if (keys.once !== undefined) {
      const known = await this.#seen(keys.once)
      // After a failure the provider may send the very same again, and nobody anything else with this signature.
      if (known !== undefined && known !== body) throw replay()
      if (known === undefined) await seen.set(keys.once, body)
    }
    if ((await this.#seen(keys.told)) !== DONE) {
      await read.confirm?.()
      const failures = await this.#tell(read.news, keys.news)
      if (failures > 0) return failed()
    }
    this.#checkUnknown(read)
    await this.#remember(keys.told)
    if (keys.once !== undefined) await this.#remember(keys.once)
    return heard()
  }

  /** Tells all of it, also after a failure: one news that cannot be handled must not hide the others. */
  async #tell(news: readonly MailNews[], keys: readonly string[]): Promise<number> {
    const { onNews } = this.#handling
    let failures = 0
    for (const [index, each] of news.entries()) {
      const key = keys[index]!
      if ((await this.#seen(key)) === DONE) continue
      try {
        await onNews(each)
      } catch (error) {
        if (failures === 0) this.#report({ kind: 'failed', error, news: each, status: 500 })
        failures += 1
        continue
      }
      await this.#remember(key)
    }
    return failures
  }

  /** What is handled is handled, also if the store fails: the provider must not tell it again for that. */
  async #remember(key: string): Promise<void> {
    try {
      await this.#handling.seen.set(key, DONE)
    } catch (error) {
      this.#report({ kind: 'failed', error, status: 200 })
    }
  }

  /** A request that tells nothing else is not handled: after an update, the provider may tell it again. */
  #checkUnknown({ news, unknown }: ReadWebhook): void {
    if (unknown.length === 0) return
    const error = new WebhookError(
      'unknown-event',
      'the request tells nothing that is known',
      'Switch this event off at the provider, or update @loudmail/webhooks.',
    )
    const status = news.length === 0 ? error.status : 200
    this.#report({ kind: 'unknown', error, unknown, status })
    if (news.length === 0) throw error
  }

  /** Nothing is lost if `onProblem` fails. */
  #report(report: Omit<WebhookReport, 'provider'>): void {
    const { source, onProblem, warn } = this.#handling
    const whole = { ...report, provider: source.provider }
    const told = callSafely('onProblem of a webhook', () => onProblem(whole))
    void Promise.resolve(told).then((isHeard) => isHeard || warn(whole))
  }
}

interface Keys {
  readonly told: string
  readonly once?: string | undefined
  readonly news: readonly string[]
}

/** What strangers could make long is shortened to its fingerprint. */
function keysOf(provider: string, { id, once, news }: ReadWebhook): Keys {
  const key = (kind: string, name: string): string =>
    `${provider} ${kind} ${name.length > 120 ? fingerprint(name) : name}`
  return {
    told: key('told', id),
    once: once === undefined ? undefined : key('once', once),
    news: news.map((each) => key('news', each.id)),
  }
}

function replay(): WebhookError {
  return new WebhookError(
    'replay',
    'a request with this signature was handled before',
    'If the provider sent it twice, there is nothing to do. Otherwise somebody sent a copy.',
  )
}
