import { mailReport } from './mail-report.ts'
import type { MailMatch } from './mail-shape.ts'
import { matcherResult, type MatcherResult } from './matcher-result.ts'
import { openInbox } from '../inbox/test-inbox.ts'
import { shown } from './value-match.ts'
import { isWanted, wantedMail } from './wanted-mail.ts'

export interface SentOptions {
  /** How many mails must match, no more and no fewer. @default one or more */
  readonly times?: number | undefined
}

/** Whether a mail went out; one that failed for some of its recipients went out to the others alone. */
export async function toHaveSent(
  received: unknown,
  match?: MailMatch,
  options: SentOptions = {},
): Promise<MatcherResult> {
  const inbox = openInbox(received, 'toHaveSent()')
  const times = checkedTimes(options)
  if (typeof match === 'object' && match?.state === 'failed')
    throw new TypeError("toHaveSent() is about mails that went out: for state: 'failed' use toHaveFailed()")
  const wanted = wantedMail(match, 'toHaveSent()', true)
  const mails = await inbox.mails()
  const count = mails.filter((mail) => isWanted(mail, wanted)).length
  const what = `that went out${wanted.text}`
  const number = times === 1 ? '1 mail' : `${times} mails`
  const [pass, yes, no] =
    times === undefined
      ? [count > 0, `a mail ${what}`, `no mail ${what}`]
      : [count === times, `${number} ${what}`, `any number of mails but ${times} ${what}`]
  return matcherResult(pass, 'toHaveSent()', { yes, no }, () => mailReport(mails, wanted))
}

function checkedTimes(options: SentOptions): number | undefined {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`toHaveSent() takes options such as { times: 2 }, and got ${shown(options)}`)
  const stranger = Object.keys(options).find((name) => name !== 'times')
  if (stranger !== undefined)
    throw new TypeError(`toHaveSent() has no option ${JSON.stringify(stranger)}; it has times`)
  const { times } = options
  if (times !== undefined && (!Number.isInteger(times) || times < 0))
    throw new TypeError(`times of toHaveSent() must be a whole number from 0 up, and is ${shown(times)}`)
  return times
}
