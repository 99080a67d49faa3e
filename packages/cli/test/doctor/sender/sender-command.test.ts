import { startServer } from '@loudmail/server'
import { expect, test } from 'vitest'
import { loudmail } from '../../cli.ts'
import { startNameServer } from './name-server.ts'
import { GOOD, OPTIONS } from './sender-case.ts'

const { selector, ip } = OPTIONS
const WELL = ['doctor', '--sender', 'example.com', '--selector', selector, '--ip', ip]

test('loudmail doctor --sender examines a domain without a server', async () => {
  await using names = await startNameServer(GOOD)
  const { stdout, status } = await loudmail([...WELL, '--dns-server', names.address])
  expect(stdout).toContain('✓ DMARC')
  expect(stdout).toContain('All is well with example.com')
  expect(status).toBe(0)
})

test('a domain that receivers may refuse ends with 1, though its server works', async () => {
  await using names = await startNameServer({ ...GOOD, 'example.com TXT': [] })
  await using server = await startServer()
  const url = `smtp://127.0.0.1:${server.port}?tls=none`
  const { stdout, status } = await loudmail([...WELL, '--dns-server', names.address, url])
  expect(stdout).toContain('✗ SPF record')
  expect(stdout).toMatch(/Mail can be sent through smtp:\S+, with \d problems/)
  expect(status).toBe(1)
})

test('--dns-server is for --sender', async () => {
  const { stderr, status } = await loudmail(['doctor', 'smtp://localhost', '--dns-server', '192.0.2.53'])
  expect(stderr).toContain('--selector, --ip and --dns-server need --sender DOMAIN')
  expect(status).toBe(2)
})
