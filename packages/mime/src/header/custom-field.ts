import { headerSyntax, parseAddressList } from '@loudmail/core/transport'
import { headerField } from './header-field.ts'
import { listIdWords } from './list-id.ts'
import { mailboxWords } from './mailbox.ts'
import { phraseListWords } from './phrase-list.ts'
import { tokenWords } from './tokens.ts'
import { unstructuredWords } from './unstructured.ts'
import { urlListWords } from './url-list.ts'

/** A header field of the caller's own, written by the syntax of that field. Only free text can become encoded-words. */
export function customField(name: string, value: string): string {
  return headerField(name, wordsOf(name, value))
}

/** The value of such a field in one line, for what folds it itself. All of it is ASCII, but for addresses beyond ASCII. */
export function customFieldValue(name: string, value: string): string {
  return wordsOf(name, value).join(' ')
}

function wordsOf(name: string, value: string): readonly string[] {
  const syntax = headerSyntax(name)
  if (syntax === 'mailboxes') return mailboxWords(name, parseAddressList(value, `header ${name}`))
  if (syntax === 'urls') return urlListWords(name, value)
  if (syntax === 'list-id') return listIdWords(name, value)
  if (syntax === 'phrases') return phraseListWords(name, value)
  if (syntax === 'structured') return tokenWords(name, value)
  return unstructuredWords(name, value)
}
