import { expect, test } from 'vitest'
import type { Step } from '../../../src/doctor/report.ts'
import { examineSender } from '../../../src/doctor/sender/examine-sender.ts'
import { startNameServer, type Zone } from './name-server.ts'

const ZONE: Zone = {
  'example.com MX': [{ preference: 10, exchange: 'mx.example.com' }],
  'mx.example.com A': ['192.0.2.10'],
  'example.com TXT': ['v=spf1 include:spf.provider.example -all'],
  'spf.provider.example TXT': ['v=spf1 ip4:192.0.2.0/24 -all'],
  '_dmarc.example.com TXT': ['v=DMARC1; p=reject; rua=mailto:a@example.com'],
}
const signal = new AbortController().signal
/** Long enough for a server that answers, and short enough to wait for one that does not. */
const timeoutMs = 300

test('a name server that never answers ends the examination in bounded time, and nobody crashes', async () => {
  await using server = await startNameServer(ZONE, { '*': 'silent' })
  const start = performance.now()
  const steps = await examineSender('example.com', { servers: [server.address], timeoutMs, signal })
  expect(performance.now() - start).toBeLessThan(2_000)
  expect(steps.map(({ verdict }) => verdict)).toEqual([
    'fail',
    'skip',
    'skip',
    'skip',
    'skip',
    'skip',
    'skip',
  ])
  expect(steps[0]!.detail).toContain('did not answer')
  expect(steps[0]!.detail).toContain('dns-temporary')
  expect(steps[0]!.detail).toContain('--dns-server')
})

test('many silent name servers take no longer than one', async () => {
  await using one = await startNameServer(ZONE, { '*': 'silent' })
  await using two = await startNameServer(ZONE, { '*': 'silent' })
  await using three = await startNameServer(ZONE, { '*': 'silent' })
  const servers = [one.address, two.address, three.address]
  const [step] = await examineSender('example.com', { servers, timeoutMs, signal })
  expect(step!.verdict).toBe('fail')
  expect(step!.durationMs).toBeLessThan(timeoutMs * 2)
})

test.each([
  { name: '_dmarc.example.com', trouble: 'silent', step: 'DMARC', says: 'did not answer' },
  { name: '_dmarc.example.com', trouble: 'SERVFAIL', step: 'DMARC', says: 'SERVFAIL' },
  { name: 'spf.provider.example', trouble: 'SERVFAIL', step: 'SPF record', says: 'spf.provider.example' },
  { name: 'mx.example.com', trouble: 'SERVFAIL', step: 'MX', says: 'A records of mx.example.com' },
  { name: 'k1._domainkey.example.com', trouble: 'SERVFAIL', step: 'DKIM', says: 'k1._domainkey' },
] as const)('$trouble for $name alone fails one step', async ({ name, trouble, step, says }) => {
  await using server = await startNameServer(ZONE, { [name]: trouble })
  const steps = await examineSender('example.com', { servers: [server.address], timeoutMs, signal })
  const failed = steps.filter(({ verdict }) => verdict === 'fail')
  expect(failed.map(({ name: each }) => each)).toEqual([expect.stringContaining(step)])
  expect(failed[0]!.detail).toContain(says)
  expect(failed[0]!.detail).toContain('dns-temporary')
})

test.each([
  'example.com SOA',
  'spf.provider.example TXT',
  'k1._domainkey.example.com TXT',
  '_dmarc.example.com TXT',
])('Ctrl-C ends an examination that waits for %s', async (question) => {
  await using server = await startNameServer(ZONE, { [question.split(' ')[0]!]: 'silent' })
  const interruption = new AbortController()
  const reason = new Error('interrupted')
  const told: Step[] = []
  const examination = examineSender('example.com', {
    servers: [server.address],
    signal: interruption.signal,
    onStep: (step) => told.push(step),
  })
  while (!server.questions.includes(question)) await new Promise((resolve) => setImmediate(resolve))
  const start = performance.now()
  interruption.abort(reason)
  await expect(examination).rejects.toBe(reason)
  expect(performance.now() - start).toBeLessThan(1_500)
  expect(told.filter(({ verdict }) => verdict === 'fail')).toEqual([])
})

test('a guessed selector that is not answered does not hide one that is', async () => {
  const zone = { ...ZONE, 'google._domainkey.example.com TXT': ['p='] }
  await using server = await startNameServer(zone, { 'k1._domainkey.example.com': 'SERVFAIL' })
  const steps = await examineSender('example.com', { servers: [server.address], signal })
  expect(steps[4]!.detail).toContain('google._domainkey.example.com is revoked')
})

test.each([
  { title: 'a domain', domain: 'https://example.com/', options: {}, says: '--sender takes a domain' },
  { title: 'an IP address as domain', domain: '192.0.2.1', options: {}, says: '--sender takes a domain' },
  {
    title: 'an address',
    domain: 'example.com',
    options: { ip: 'mx.example.com' },
    says: '--ip takes an IP address',
  },
  { title: 'a selector', domain: 'example.com', options: { selector: 'a b' }, says: '--selector takes' },
  {
    title: 'a name server',
    domain: 'example.com',
    options: { servers: ['dns.example'] },
    says: 'name server is given as an IP address',
  },
])('$title that makes no sense is wrong usage', async ({ domain, options, says }) => {
  await expect(examineSender(domain, { signal, ...options })).rejects.toThrow(says)
})
