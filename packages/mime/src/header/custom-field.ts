import { headerSyntax, parseAddressList } from '@loudmail/core/transport'
import { headerField } from './header-field.ts'
import { mailboxWords, phraseWords } from './mailbox.ts'
import { unstructuredWords } from './unstructured.ts'
import { urlWords } from './url-list.ts'

/** A header field of the caller's own, written by the syntax of that field. Only free text can become encoded-words. */
export function customField(name: string, value: string): string {
  return headerField(name, wordsOf(name, value))
}

function wordsOf(name: string, value: string): readonly string[] {
  const syntax = headerSyntax(name)
  if (syntax === 'mailboxes') return mailboxWords(name, parseAddressList(value, `header ${name}`))
  if (syntax === 'urls') return urlWords(value)
  if (syntax === 'list-id') return listIdWords(value)
  if (syntax === 'structured') return value.split(/[\t ]+/).filter(Boolean)
  return unstructuredWords(name, value)
}

/** A name, if there is one, and the identifier of the list in angle brackets (RFC 2919 section 3). */
function listIdWords(value: string): string[] {
  const { phrase, id } = /^(?<phrase>[^<]*)(?<id><[^<>]*>)\s*$/.exec(value)?.groups ?? {}
  if (phrase === undefined || id === undefined) return unstructuredWords('List-ID', value)
  const name = phrase.trim().replace(/^"(.*)"$/, (_, quoted: string) => quoted.replace(/\\(.)/g, '$1'))
  return name === '' ? [id] : [...phraseWords(name, undefined), id]
}
