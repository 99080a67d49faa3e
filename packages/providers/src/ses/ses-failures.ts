import type { Message } from '@loudmail/core'
import { mailboxKey } from '@loudmail/core/transport'
import { fieldsOf, textOf, type Answer } from '../api/answer.ts'
import { kindOfStatus } from '../api/by-status.ts'
import type { Refusal } from '../api/provider-api.ts'
import { byRules } from '../api/rules.ts'
import { clockHint } from './clock-hint.ts'
import { CLOCK, SES_RULES } from './ses-rules.ts'

/** The name of an error: `x-amzn-ErrorType: MessageRejected:http://...`, or `"__type": "com.amazonaws.sesv2#MessageRejected"`. */
export function sesCode({ headers, json }: Answer): string | undefined {
  const { __type, code, Code } = fieldsOf(json)
  const named = textOf(headers.get('x-amzn-errortype')) ?? textOf(__type) ?? textOf(code) ?? textOf(Code)
  return named?.split(':')[0]!.split('#').at(-1)!.trim()
}

/** The name as the rules have it. */
export function plainName(code: string): string {
  return code.replace(/Exception$/, '')
}

/** What a negative answer of SES means. */
export function sesRefusal(answer: Answer, message?: Message): Refusal | undefined {
  const { message: small, Message: capital } = fieldsOf(answer.json)
  const words = textOf(small) ?? textOf(capital)
  const code = sesCode(answer)
  const refusal = byRules(SES_RULES, answer, code && plainName(code), words)
  if (!refusal)
    return words === undefined
      ? undefined
      : { kind: kindOfStatus(answer.status), words: withCode(code, words) }
  const told = { ...refusal, words: withCode(code, words) }
  if (refusal.kind === 'sender-not-owned' && isAboutRecipients(words ?? '', message?.envelope.to ?? []))
    return { ...told, ...SANDBOX }
  if (refusal.hint === CLOCK) return { ...told, hint: clockHint(answer.headers.get('date'), CLOCK) }
  return told
}

/** The words alone often do not say what happened. */
function withCode(code: string | undefined, words: string | undefined): string | undefined {
  return code === undefined || words === undefined ? (words ?? code) : `${code}: ${words}`
}

const SANDBOX: Pick<Refusal, 'kind' | 'hint'> = {
  kind: 'policy',
  hint: 'The account is in the sandbox of Amazon SES, where the recipients must be verified, too. Ask for production access under "Account dashboard" in its console.',
}

/** The identities that are not verified are recipients, and nobody else: that happens only in the sandbox. */
function isAboutRecipients(words: string, to: readonly string[]): boolean {
  const listed = /in region [\w-]+:(.*)$/is.exec(words)?.[1]
  const identities = (listed?.match(/[^\s,;<>]+@[^\s,;<>]+/g) ?? []).map(mailboxKey)
  const recipients = new Set(to.map(mailboxKey))
  return identities.length > 0 && identities.every((each) => recipients.has(each))
}
