import { mailReport } from './mail-report.ts'
import type { MailMatch } from './mail-shape.ts'
import { matcherResult, type MatcherResult } from './matcher-result.ts'
import { openInbox } from '../inbox/test-inbox.ts'
import { shown } from './value-match.ts'
import { isWanted, wantedMail } from './wanted-mail.ts'

/** How often a mail must have been sent. */
export interface SentOptions {
  /** Exactly how many mails must match. @default one or more */
  readonly times?: number | undefined
}

/** Whether a mail went out. One that failed for some recipients went out only to the others. */
export async function toHaveSent(
  received: unknown,
  match?: MailMatch,
  options: SentOptions = {},
): Promise<MatcherResult> {
  const inbox = openInbox(received, 'toHaveSent()')
  const times = checkedTimes(options)
  if (typeof match === 'object' && match?.state === 'failed')
    throw new TypeError("toHaveSent() is for mails that went out; for state: 'failed', use toHaveFailed()")
  const wanted = wantedMail(match, 'toHaveSent()', true)
  const mails = await inbox.mails()
  const count = mails.filter((mail) => isWanted(mail, wanted)).length
  const what = `that went out${wanted.text}`
  const number = times === 1 ? '1 mail' : `${times} mails`
  const [pass, yes, no] =
    times === undefined
      ? [count > 0, `a mail ${what}`, `no mail ${what}`]
      : [count === times, `${number} ${what}`, `any number of mails except ${times} ${what}`]
  return matcherResult(pass, 'toHaveSent()', { yes, no }, () => mailReport(mails, wanted))
}

function checkedTimes(options: SentOptions): number | undefined {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`toHaveSent() takes options such as { times: 2 }, but received ${shown(options)}`)
  const stranger = Object.keys(options).find((name) => name !== 'times')
  if (stranger !== undefined)
    throw new TypeError(`toHaveSent() has no option ${JSON.stringify(stranger)}; it has times`)
  const { times } = options
  if (times !== undefined && (!Number.isInteger(times) || times < 0))
    throw new TypeError(`times of toHaveSent() must be a whole number, 0 or more, but is ${shown(times)}`)
  return times
}
