import { MailError, transportFromUrl, type Schemes } from '@loudmail/core'
import { smtpSchemes } from '@loudmail/smtp'
import { describe, expect, it } from 'vitest'
import { nodemailerSchemes } from '../src/index.ts'

describe('@loudmail/smtp and this package make the same of a URL', () => {
  it.each([
    ['smtp://mail.example.com', '(mail.example.com:587)'],
    ['smtp://mail.example.com:2525?tls=none', '(mail.example.com:2525)'],
    ['smtp://mail.example.com:465', '(mail.example.com:465)'],
    ['smtp://mail.example.com?tls=implicit', '(mail.example.com:465)'],
    ['smtps://mail.example.com', '(mail.example.com:465)'],
    ['smtps://mail.example.com:2465?tls=implicit', '(mail.example.com:2465)'],
    ['smtps://user:secret@mail.example.com', '(mail.example.com:465)'],
    ['smtp://user:secret@mail.example.com', '(mail.example.com:587)'],
    ['smtp://user:secret@localhost?tls=none', '(localhost:587)'],
    ['smtp://user:secret@127.0.0.1', '(127.0.0.1:587)'],
    ['smtp://user:secret@mail.example.com?tls=none&allowInsecureAuth=true', '(mail.example.com:587)'],
    ['smtp://user:secret@mail.example.com?tls=starttls&allowInsecureAuth=false', '(mail.example.com:587)'],
    ['smtp://user:secret@mail.example.com:2525?tls=none', 'config/invalid-config'],
    ['smtp://user:secret@mail.example.com?tls=opportunistic', 'config/invalid-config'],
    ['smtp://user:secret@mail.example.com?tls=none&allowInsecureAuth=false', 'config/invalid-config'],
    ['smtp://user:secret@mail.example.com?allowInsecureAuth=yes', 'config/invalid-config'],
    ['smtp://user:secret@127.0.0.1.example.com?tls=none', 'config/invalid-config'],
    ['smtp://mail.example.com?tls=ssl', 'config/invalid-config'],
    ['smtp://mail.example.com?tls=', 'config/invalid-config'],
    ['smtps://mail.example.com?tls=starttls', 'config/invalid-config'],
    ['smtps://mail.example.com?tls=none', 'config/invalid-config'],
    ['smtp://mail.example.com?secure=true', 'config/invalid-config'],
    ['smtp://mail.example.com/inbox', 'config/invalid-config'],
    ['smtp://mail.example.com#top', 'config/invalid-config'],
    ['smtp://mail.example.com:0', 'config/invalid-config'],
    ['smtp://mail.example.com:65536', 'config/invalid-config'],
    ['smtp://user:100%zz@mail.example.com', 'config/invalid-config'],
    ['smtp://', 'config/invalid-config'],
    ['smtp://user@mail.example.com', 'config/missing-credentials'],
    ['smtp://:secret@mail.example.com', 'config/missing-credentials'],
  ])('%s: %s', (url, outcome) => {
    expect([made(url, smtpSchemes), made(url, nodemailerSchemes)]).toEqual([outcome, outcome])
  })
})

/** The host and port of the transport, or the code of the failure. */
function made(url: string, schemes: Schemes): string {
  try {
    const { name } = transportFromUrl(url, schemes)
    return name.slice(name.indexOf('('))
  } catch (error) {
    if (MailError.is(error)) return error.code
    throw error
  }
}
