import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startServer } from '@loudmail/server'
import PostalMime, { type Email } from 'postal-mime'
import { expect, it } from 'vitest'
import { runLaravel } from '../src/laravel.ts'

const folder = fileURLToPath(new URL('../moving/laravel/', import.meta.url))

/** What a program sent: one mail. */
async function mailOf(
  send: (server: { readonly port: number; readonly url: string }) => Promise<unknown>,
): Promise<Email> {
  await using server = await startServer()
  await send(server)
  expect(server.messages).toHaveLength(1)
  return PostalMime.parse(server.messages[0]!.content)
}

/** The tags and words of HTML, wherever its lines end, and whatever the image is called. */
const seen = (html = ''): string =>
  html
    .replace(/<head>.*<\/head>/s, '')
    .replace(/cid:[^"]+/, 'cid:logo')
    .replaceAll('&times;', '×')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/(?<=>) | (?=<)/g, '')
    .trim()

const files = ({ attachments }: Email): unknown =>
  attachments.map(({ filename, mimeType, disposition, content }) => {
    const octets = Buffer.from(content as ArrayBuffer)
    return { filename, mimeType, disposition, octets }
  })

it('sends with Loudmail what Laravel sent', async () => {
  const before = await mailOf(({ port }) => runLaravel(folder, port))
  const after = await mailOf(({ url }) => {
    const { VITEST: _, ...env } = process.env
    const program = ['--conditions=@loudmail/source', `${folder}after/main.ts`]
    return promisify(execFile)(process.execPath, program, { env: { ...env, MAIL_URL: url } })
  })
  const { subject, from, to } = before
  expect({ subject, from, to }).toEqual({
    subject: 'Your order 4711',
    from: { name: 'Tea Shop', address: 'tea@example.com' },
    to: [{ name: '', address: 'ann@example.com' }],
  })
  expect(after).toMatchObject({ subject, from, to })
  expect(seen(after.html)).toBe(seen(before.html))
  expect(seen(after.html)).toContain('Thank you, Ann &amp; Bob!')
  expect(after.text?.trim()).toBe(before.text?.trim())
  expect(files(after)).toEqual(files(before))
})
