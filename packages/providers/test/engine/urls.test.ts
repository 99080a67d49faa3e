import { MailError, transportFromUrl } from '@loudmail/core'
import { expect, it } from 'vitest'
import { providerSchemes } from '../../src/index.ts'

const problem = (url: string): MailError => {
  try {
    transportFromUrl(url, providerSchemes)
  } catch (error) {
    if (MailError.is(error)) return error
    throw error
  }
  throw new TypeError('the URL should be refused')
}

it.each([
  'brevo://top-secret@/path-secret',
  'gmail://top-secret@/path-secret',
  'mailgun://top-secret@mg.example.com/path-secret',
  'microsoftgraph://top-secret@/path-secret',
  'postmark://top-secret@/path-secret',
  'resend://top-secret@/path-secret',
  'sendgrid://top-secret@/path-secret',
  'ses://AKIA:top-secret@eu-west-1/path-secret',
])('%s has a path, which is refused and not shown', (url) => {
  const { code, message } = problem(url)
  expect(code).toBe('config/invalid-config')
  expect(message).toMatch(/URL has a path; a \/ in the credentials is percent-encoded as %2F/)
  expect(message).not.toMatch(/secret/)
})
