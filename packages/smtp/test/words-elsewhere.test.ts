import { expect, it } from 'vitest'
import { smtp } from '../src/index.ts'
import { thrownBy } from './scene.ts'

const host = 'mail.example.com'

it.each<[Record<string, unknown>, RegExp]>([
  [{ secure: true }, /tls: 'implicit'/],
  [{ secure: false }, /leave it out/],
  [{ requireTLS: true }, /tls: 'starttls'/],
  [{ ignoreTLS: true }, /tls: 'none'/],
  [{ opportunisticTLS: true }, /tls: 'opportunistic'/],
  [{ service: 'gmail' }, /host: 'smtp\.gmail\.com'/],
  [{ service: 'Outlook365' }, /host: 'smtp\.office365\.com'/],
  [{ service: 'SendGrid' }, /host: 'smtp\.sendgrid\.net'/],
  [{ service: 'hunter2' }, /host: 'smtp\.example\.com'/],
  [{ service: 42 }, /host: 'smtp\.example\.com'/],
  [{ service: 'constructor' }, /host: 'smtp\.example\.com'/],
  [{ user: 'hunter2', pass: 'hunter2' }, /auth: \{ user, pass \}/],
  [{ auth: { username: 'hunter2', pass: 'hunter2' } }, /`user`/],
  [{ auth: { user: 'ann', password: 'hunter2' } }, /`pass`/],
  [{ auth: { type: 'OAuth2', user: 'ann', refreshToken: 'hunter2' } }, /accessToken/],
  [{ auth: { user: 'ann', pass: 'hunter2', methud: 'PLAIN' } }, /Did you mean method\?/],
  [{ authMethod: 'PLAIN' }, /auth: \{ user, pass, method \}/],
  [{ pool: true }, /always pooled/],
  [{ pool: { maxConnections: 5 } }, /connections, messagesPerConnection/],
  [{ maxConnections: 5 }, /pool: \{ connections \}/],
  [{ maxMessages: 5 }, /pool: \{ messagesPerConnection \}/],
  [{ connectionTimeout: 5 }, /timeouts: \{ connect \}/],
  [{ greetingTimeout: 5 }, /timeouts: \{ greeting \}/],
  [{ socketTimeout: 5 }, /timeoutMs/],
  [{ dnsTimeout: 5 }, /timeouts: \{ dns \}/],
  [{ logger: true }, /formatTranscript/],
  [{ debug: true }, /formatTranscript/],
  [{ tls: { rejectUnauthorized: false } }, /tlsOptions/],
  [{ tls: true }, /tls must be 'implicit'/],
  [{ rejectUnauthorized: false }, /tlsOptions: \{ rejectUnauthorized \}/],
  [{ dkim: { domainName: 'x', keySelector: 'y', privateKey: 'hunter2' } }, /dkimSigner/],
  [{ from: 'ann@example.com' }, /defaults: \{ from \}/],
  [{ localAdress: '127.0.0.1' }, /Did you mean localAddress\?/],
  [{ timeoutms: 5 }, /Did you mean timeoutMs\?/],
  [{ 'allow-insecure-auth': true }, /Did you mean allowInsecureAuth\?/],
  [{ TLS: 'none' }, /Did you mean tls\?/],
])('%j is refused with the word to use', (options, word) => {
  const error = thrownBy(() => smtp({ host, ...options }))
  expect(error).toMatchObject({ code: 'config/invalid-config' })
  expect(error.message).toMatch(word)
  expect(error.message).not.toContain('hunter2')
})
