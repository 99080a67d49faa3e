import { MAIL_FIELDS, type MailMatch } from './mail-shape.ts'
import { shapeChecks } from './shape.ts'
import type { TestMail } from '../inbox/test-mail.ts'
import { ask, shown } from './value-match.ts'

/** The mail that somebody looks for. */
export interface WantedMail {
  /** Goes on from `a mail`: ` with { subject: 'Welcome' }`. */
  readonly text: string
  /** How a mail differs from it, a line each: empty where it is the one, undefined where there is no more to say. */
  differences(mail: TestMail): readonly string[] | undefined
}

/**
 * A failed send is wanted where a state is, or where a predicate says so; else a mail that somebody got.
 *
 * @param owner who was given it, for errors
 * @param sentOnly a failed send is never wanted
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

/** A mail with those recipients who have it; undefined where nobody has, or nobody knows. */
function asSent(mail: TestMail): TestMail | undefined {
  const { state, error, envelope } = mail
  if (state !== 'failed') return mail
  if (error?.delivered !== 'some') return undefined
  const to = error.recipients.flatMap(({ address, status }) => (status === 'accepted' ? address : []))
  return { ...mail, envelope: { ...envelope, to } }
}

function notSent({ code, error }: TestMail): string {
  const doubt = error?.delivered === 'unknown' ? ', and nobody knows whether it arrived' : ''
  return `it failed${doubt}: ${error?.message ?? code}`
}

function shortened(source: string): string {
  const line = source.replaceAll(/\s+/g, ' ')
  return line.length > 120 ? `${line.slice(0, 120)}…` : line
}
