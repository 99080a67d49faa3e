import { transportFromUrl } from '@loudmail/core'
import { playProvider, startHttpServer } from '@loudmail/server/http'
import { expect, it } from 'vitest'
import { gmail, type GmailOptions } from '../../src/gmail/index.ts'
import { providerSchemes } from '../../src/index.ts'
import { TOKEN } from '../mailbox-suites.ts'
import { messageTo } from '../suites.ts'

it.each([
  [{}, 'config/missing-credentials', 'gmail() accessToken is missing or empty'],
  [{ accessToken: '' }, 'config/missing-credentials', 'gmail() accessToken is missing or empty'],
  [
    { accessToken: `${TOKEN}\n` },
    'config/invalid-config',
    'gmail() accessToken contains white space, a line break or a character that no token has',
  ],
  [
    { accessToken: 7 },
    'config/invalid-config',
    'gmail() accessToken must be a string or a function that fetches one',
  ],
  [
    { accessToken: TOKEN, user: 'tea shop' },
    'config/invalid-config',
    'gmail() user must be the address of the mailbox that sends, or its id',
  ],
  [
    { accessToken: TOKEN, url: 'http://gmail.example' },
    'config/invalid-config',
    'gmail() url must be a URL that begins with https://',
  ],
  [
    { accessToken: TOKEN, transform: 'sign' },
    'config/invalid-config',
    'gmail() transform must be a function that takes the content',
  ],
])('%j is refused', (options, code, summary) => {
  expect(() => gmail(options as GmailOptions)).toThrow(expect.objectContaining({ code, summary }) as Error)
})

it('refuses an option that does not exist, and suggests the right one', () => {
  expect(() => gmail({ accessToken: TOKEN, acessToken: TOKEN } as GmailOptions)).toThrow(/accessToken/)
})

it('is named after its host, and has no secret in its name', () => {
  expect(gmail({ accessToken: TOKEN }).name).toBe('gmail(gmail.googleapis.com)')
  expect(gmail({ accessToken: TOKEN }).honoursIdempotencyKey).toBe(false)
})

it.each([
  'gmail://ya29.abc@',
  'gmail://ya29.abc@?user=tea%40example.com&timeoutMs=5000',
  'gmail://123-abc.apps.googleusercontent.com:GOCSPX-abc@?refreshToken=1%2F%2F0abc',
])('is made from %s', (url) => {
  expect(transportFromUrl(url, providerSchemes).name).toBe('gmail(gmail.googleapis.com)')
})

it.each([
  ['gmail://id:secret@', /the id and the secret of an OAuth client and a refreshToken/],
  ['gmail://ya29.abc@?refreshToken=x', /the id and the secret of an OAuth client and a refreshToken/],
  ['gmail://ya29.abc@gmail.com', /ends with an @ after the credentials/],
  [
    'gmail://ya29.abc@?scope=x',
    /has a parameter that is not known; it may have url, timeoutMs, user, refresh/,
  ],
  ['gmail://@', /gmail\(\) accessToken is missing or empty/],
])('%s is refused without being shown', (url, summary) => {
  expect(() => transportFromUrl(url, providerSchemes)).toThrow(summary)
  expect(() => transportFromUrl(url, providerSchemes)).not.toThrow(/ya29|secret@|refreshToken=x/)
})

it('sends with the token in its URL', async () => {
  const provider = playProvider('gmail')
  await using server = await startHttpServer(provider)
  const url = `gmail://ya29.abc@?url=${encodeURIComponent(server.url)}`
  await transportFromUrl(url, providerSchemes).send(messageTo())
  expect(server.requests[0]!.headers.authorization).toBe('Bearer ya29.abc')
  expect(provider.taken).toHaveLength(1)
})
