import { randomUUID } from 'node:crypto'
import { MailError } from '../failure/mail-error.ts'
import { codePoint } from './addr-spec.ts'
import { NONE, refuseControls } from './address.ts'

/** An identifier is never folded, and a header line ends after 998 octets (RFC 5322 section 2.1.1). */
const LONGEST = 900
const OTHER_THAN_VISIBLE_ASCII = /[^\x21-\x7E]/u
const IN_BRACKETS = /<([^<>]*)>/y
const BARE = /[^\s,<>()"]+[^\s,<>]*/y

/** To search a string with it makes it one piece. */
const BEGIN = /^</

/** A new Message-ID at the domain of an address; an address literal keeps its brackets (RFC 5322 section 3.6.4). */
export function newMessageId(address: string): string {
  const id = `<${randomUUID()}@${address.slice(address.lastIndexOf('@') + 1)}>`
  // A string built from parts keeps these parts, about 600 octets, until it is searched. V8 leaves out the reading of a character that nobody uses.
  BEGIN.test(id)
  return id
}

/**
 * The Message-ID that the caller chose, with its angle brackets.
 *
 * @throws MailError `compose/invalid-message` or `compose/header-injection`
 */
export function ownMessageId(input: unknown): string {
  if (typeof input !== 'string') throw invalid('messageId must be a string')
  refuseControls(input, 'messageId')
  const bare = input.startsWith('<') && input.endsWith('>') ? input.slice(1, -1) : input
  if (!/^[\x21-\x7E]+$/.test(bare) || !/^[^<>@]+@[^<>@]+$/.test(bare) || bare.length > LONGEST)
    throw invalid(
      `messageId must be an identifier such as <id@example.com>, in visible ASCII characters and no longer than ${LONGEST}`,
    )
  return `<${bare}>`
}

/**
 * Identifiers of other messages, as these messages have them: with or without angle brackets and @, with blanks, commas,
 * comments or nothing between them.
 *
 * @throws MailError `compose/invalid-message` if one cannot stand in a header field, or `compose/header-injection`
 */
export function identifiers(input: unknown, field: string): readonly string[] {
  if (input === undefined) return NONE
  if (input === null) throw invalid(`${field} must not be null`)
  return (Array.isArray(input) ? (input as readonly unknown[]) : [input]).flatMap((each) => {
    if (typeof each !== 'string') throw invalid(`${field} must be a string`)
    refuseControls(each, field)
    return identifiersIn(each, field)
  })
}

function identifiersIn(text: string, field: string): string[] {
  const found: string[] = []
  const hasBrackets = text.includes('<')
  for (let at = 0; ;) {
    at = afterSeparators(text, at, field)
    if (at === text.length) return found
    const isInBrackets = text[at] === '<'
    const pattern = isInBrackets ? IN_BRACKETS : BARE
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (!match)
      throw invalid(`${field} ${isInBrackets ? 'has an angle bracket that is not closed' : REMEDY_TEXT}`)
    if (!isInBrackets && hasBrackets && !match[0].includes('@')) throw invalid(`${field} ${REMEDY_TEXT}`)
    found.push(checked(isInBrackets ? match[1]!.trim() : match[0], field))
    at = pattern.lastIndex
  }
}

const REMEDY_TEXT = 'has text outside of the angle brackets: pass only the identifiers'

function checked(id: string, field: string): string {
  if (id === '') throw invalid(`${field} has an empty identifier <>: leave it out`)
  if (id.length > LONGEST)
    throw invalid(
      `${field} has an identifier of ${id.length} characters, and a header line has room for ${LONGEST}: leave it out`,
    )
  const wrong = OTHER_THAN_VISIBLE_ASCII.exec(id)
  if (wrong)
    throw invalid(
      `${field} has an identifier with ${wrong[0] === ' ' ? 'a blank' : codePoint(wrong[0])} in it, which no header field can hold: leave it out`,
    )
  return `<${id}>`
}

/** Goes over blanks, commas and comments, which may be nested. */
function afterSeparators(text: string, start: number, field: string): number {
  let depth = 0
  let at = start
  for (; at < text.length; at++) {
    const character = text[at]!
    if (character === '(') depth++
    else if (character === ')' && depth > 0) depth--
    else if (character === '\\' && depth > 0) at++
    else if (depth === 0 && !/[\s,]/.test(character)) break
  }
  if (depth > 0) throw invalid(`${field} has a comment that is not closed`)
  return Math.min(at, text.length)
}

function invalid(summary: string): MailError {
  return new MailError({ stage: 'compose', kind: 'invalid-message', summary })
}
