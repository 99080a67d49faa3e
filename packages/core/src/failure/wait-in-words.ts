/** A reply may be long, and much of it may be hostile. This is all that is read, in characters. */
const MOST_TEXT = 2_000

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

const NUMBER = String.raw`\d{1,6}(?:\.\d{1,3})?`
const UNIT = String.raw`(?:s(?:ec(?:ond)?(?:s|\(s\))?)?|m(?:in(?:ute)?(?:s|\(s\))?)?|h(?:(?:ou)?r(?:s|\(s\))?)?|d(?:ay(?:s|\(s\))?)?)(?![A-Za-z_-])`
/** "5 minutes", "300s", "5-10 min". */
const AMOUNT = String.raw`(?:(?:${NUMBER} ?(?:-|to|or) ?)?${NUMBER}[ -]?|(?:an?|one)[ -])${UNIT}`
/** "00:05:00", "5 minutes", "1 hour and 30 minutes". */
const DURATION = String.raw`(?<wait>\d{1,3}:[0-5]\d:[0-5]\d(?![\d:])|${AMOUNT}(?:,? ?(?:and )?${AMOUNT}){0,3})`
const ABOUT = String.raw`(?:(?:at least|about|around|approximately|approx\.?|another|the next|up to|~) ?)?`
/** What may stand between "again" and "in": no number and no other verb, so that "retry timed out after 30 s" is no wait. */
const FILLER = String.raw`(?:,? \(?(?:again|later|please|your|the|this|messages?|e?-?mails?|delivery|send|sending|to|it|connecting|connection|request|be|is|will|can|you|may|not|only|possible|allowed|attempts?|accepted|available|automatically|earliest)){0,6}`
const JOINT = String.raw`[,:]? \(?(?:not before |no earlier than |only )?`

/** What asks for a wait, before a duration or after it. The words of greylisting servers, policy servers and providers. */
const ASKS: readonly RegExp[] = [
  // "try again in 5 minutes", "retry after 60 s", "come back in 00:05:00", "next attempt in 1 hour"
  String.raw`\b(?:again|(?:come|call|check|be) back|re-?try(?:ing)?|re-?send|re-?submit|re-?connect|return|next (?:attempt|try|delivery))${FILLER}${JOINT}(?:in|after) ${ABOUT}${DURATION}`,
  // "wait 10 minutes", "wait time: 30 seconds", "do not retry for 5 minutes"
  String.raw`\b(?:wait|(?:not|n't) (?:re-?try|try again|send|re-?send|connect|come back))(?: time| period)?(?: of| is)?${JOINT}(?:for )?${ABOUT}${DURATION}`,
  // "greylisted for 300 seconds", "deferred for 00:04:52", "temporarily blocked for an hour"
  String.raw`\b(?:gr[ea]y-? ?list(?:ed|ing)|deferred|delayed|postponed|throttled|blocked|banned|locked|suspended|paused|restricted|rate-? ?limited)(?: (?:temporarily|in effect|active|still))?${JOINT}(?:for )${ABOUT}${DURATION}`,
  // "retry timeout: 30 s", "retry-after=60s", "greylist delay 5 min"
  String.raw`\b(?:re-?try|gr[ea]y-? ?list(?:ed|ing)?)[ -](?:time-?out|time|delay|interval|period|wait|after|in)? ?[:=]? ?\(?${ABOUT}${DURATION}`,
  // "178 seconds left", "5 minutes before retrying"
  String.raw`(?<![\w.:-])${DURATION} (?:remaining|left|to go|to wait|(?:before|until) (?:you )?(?:can |may )?(?:re-?try|re-?send|re-?connect|try|the next|next|sending|send)(?:ing)?\b)`,
  // "the block expires in 10 minutes", "your limit resets in 30 seconds"
  String.raw`\b(?:block|ban|lock|gr[ea]y-? ?list(?:ing)?|limit|quota|window)(?: will| is| be| has){0,2} (?:expires?|resets?|ends?|lifted|removed|cleared) (?:in|after) ${ABOUT}${DURATION}`,
].map((words) => new RegExp(`${words}(?! ?(?:ago|exceeded|expired|elapsed|passed|timed? ?out|old)\\b)`, 'i'))

/** `Retry-After: 120`, as in HTTP: seconds without a unit. */
const LIKE_HTTP = /\bretry-after ?[:=]? ?(?<seconds>\d{1,6})(?![\w.:/-]| ?[a-z%])/i

/**
 * How long a text asks to wait before another attempt, in ms, in the usual English words. A number is read only beside words
 * that ask for a wait: not a rate, a size, a code, an address or the length of a time-out.
 */
export function waitInWords(text: string): number | undefined {
  const line = text.slice(0, MOST_TEXT).replaceAll(/\s+/g, ' ')
  if (!/\d|\b(?:an?|one) (?:sec|min|hour|day)/i.test(line)) return undefined
  for (const asks of ASKS) {
    const wait = asks.exec(line)?.groups?.wait
    if (wait) return lengthOf(wait)
  }
  const seconds = LIKE_HTTP.exec(line)?.groups?.seconds
  return seconds === undefined ? undefined : Number(seconds) * 1_000
}

function lengthOf(wait: string): number {
  if (wait.includes(':')) {
    const [hours, minutes, seconds] = wait.split(':').map(Number) as [number, number, number]
    return ((hours * 60 + minutes) * 60 + seconds) * 1_000
  }
  let ms = 0
  for (const [, number, unit] of wait.matchAll(/(\d[\d.]*|\b(?:an?|one)(?=[ -]))[ -]?([smhd])/gi)) {
    const count = /^\d/.test(number!) ? Number(number) : 1
    ms += count * UNITS_MS[unit!.toLowerCase()]!
  }
  return ms
}
