import { MAIL_FIELDS, type MailMatch } from './mail-shape.ts'
import { shapeChecks } from './shape.ts'
import type { TestMail } from '../inbox/test-mail.ts'
import { ask, shown } from './value-match.ts'

/** The mail to look for. */
export interface WantedMail {
  /** The text that follows `a mail`: ` with { subject: 'Welcome' }`. */
  readonly text: string
  /** How a mail differs from it, one line each. Empty if it is the one, undefined if nothing more can be said. */
  differences(mail: TestMail): readonly string[] | undefined
}

/**
 * The mail that a match asks for. A failed send can be it only if the match is a predicate or has a state; otherwise it is
 * a mail that went out.
 *
 * @param owner the function to name in errors
 * @param sentOnly if true, a failed send is never wanted
 * @throws TypeError
 */
export function wantedMail(match: MailMatch | undefined, owner: string, sentOnly = false): WantedMail {
  if (typeof match === 'function') {
    const differences = (mail: TestMail): string[] | undefined => {
      const seen = sentOnly ? asSent(mail) : mail
      return seen && ask(match, seen, `the function of ${owner}`) ? [] : undefined
    }
    return { text: ` for which ${shortened(String(match))} is true`, differences }
  }
  const checks = match === undefined ? [] : shapeChecks(match, MAIL_FIELDS, owner)
  const isSent = sentOnly || match?.state === undefined
  return {
    text: checks.length === 0 ? '' : ` with ${shown(match)}`,
    differences(mail) {
      const seen = isSent ? asSent(mail) : mail
      const differences = checks.flatMap((check) => check(seen ?? mail) ?? [])
      return seen ? differences : [notSent(mail), ...differences]
    },
  }
}

/** Whether a mail is the one. */
export function isWanted(mail: TestMail, wanted: WantedMail): boolean {
  return wanted.differences(mail)?.length === 0
}

/** A mail with the recipients that have it; undefined if none has it, or if that is unknown. */
function asSent(mail: TestMail): TestMail | undefined {
  const { state, error, envelope } = mail
  if (state !== 'failed') return mail
  if (error?.delivered !== 'some') return undefined
  const to = error.recipients.flatMap(({ address, status }) => (status === 'accepted' ? address : []))
  return { ...mail, envelope: { ...envelope, to } }
}

function notSent({ code, error }: TestMail): string {
  const doubt = error?.delivered === 'unknown' ? ', and it is unknown whether it arrived' : ''
  return `it failed${doubt}: ${error?.message ?? code}`
}

function shortened(source: string): string {
  const line = source.replaceAll(/\s+/g, ' ')
  return line.length > 120 ? `${line.slice(0, 120)}…` : line
}
