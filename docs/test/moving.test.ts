import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startServer } from '@loudmail/server'
import PostalMime, { type Email } from 'postal-mime'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../', import.meta.url))

/** Runs a program that sends one mail to the server in MAIL_URL, and reads the mail. */
async function mailOf(path: string): Promise<Email> {
  await using server = await startServer()
  const { VITEST: _, ...env } = process.env
  const flags = ['--conditions=@loudmail/source', '--import', '@oxc-node/core/register']
  await promisify(execFile)(process.execPath, [...flags, path], {
    cwd: root,
    env: { ...env, MAIL_URL: server.url },
  })
  expect(server.messages).toHaveLength(1)
  return PostalMime.parse(server.messages[0]!.content)
}

/** The tags and words of HTML, wherever its lines end, and whatever its image is called. */
const seen = (html = ''): string =>
  html
    .replace(/<title>.*<\/title>/, '')
    .replace(/<!doctype/i, '<!doctype')
    .replace(/cid:[^"]+/, 'cid:logo')
    .replaceAll(/\s+/g, ' ')
    .replaceAll('&times;', '×')
    .replaceAll(/(?<=>) | (?=<)/g, '')

const files = ({ attachments }: Email): unknown =>
  attachments.map(({ filename, mimeType, disposition, content }) => {
    const octets = Buffer.from(content as ArrayBuffer)
    return { filename, mimeType, disposition, octets }
  })

it('sends with Loudmail what @nestjs-modules/mailer sent', async () => {
  const before = await mailOf('moving/nest/before/main.ts')
  const after = await mailOf('moving/nest/after/main.ts')
  const { subject, from, to } = before
  expect({ subject, from, to }).toEqual({
    subject: 'Your order 4711',
    from: { name: 'Tea Shop', address: 'tea@example.com' },
    to: [{ name: '', address: 'ann@example.com' }],
  })
  expect(after).toMatchObject({ subject, from, to })
  expect(seen(after.html)).toBe(seen(before.html))
  expect(seen(after.html)).toContain('Thank you, Ann &amp; Bob!')
  expect(files(after)).toEqual(files(before))
  expect(after.html).toContain(`cid:${after.attachments[0]!.contentId!.slice(1, -1)}"`)
  // Only Loudmail makes a text part.
  expect(before.text).toBeUndefined()
  expect(after.text).toMatch(/Thank you, Ann & Bob![^]*1 × Grüner Tee: €12\.00/i)
})
