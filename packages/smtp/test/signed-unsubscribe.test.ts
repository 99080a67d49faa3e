import { generateKeyPairSync } from 'node:crypto'
import { Mailer } from '@loudmail/core'
import { dkimSigner } from '@loudmail/mime'
import { startServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import { dkimVerify } from 'mailauth/lib/dkim/verify.js'
import { expect, it } from 'vitest'

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const der = publicKey.export({ type: 'spki', format: 'der' })
const record = `v=DKIM1; k=rsa; p=${der.toString('base64')}`

/** What a receiver says about the signature, and which fields it covers. */
async function verdict(mail: string): Promise<{ result: string; covered: string[] }> {
  const { results } = await dkimVerify(Buffer.from(mail), { resolver: async () => [[record]] })
  const { status, signingHeaders } = results[0]!
  return { result: status.result, covered: signingHeaders!.keys.toLowerCase().split(': ') }
}

const URL_WITH_TOKEN = `https://example.com/unsubscribe?token=${'aB3-_'.repeat(150)}`

it('one-click unsubscribing is covered by the DKIM signature, with nothing set but dkim (RFC 8058 section 4)', async () => {
  await using server = await startServer()
  const dkim = dkimSigner({ domain: 'sender.example', selector: 'news', privateKey })
  await using mailer = new Mailer({ transport: smtp({ ...addressOf(server.url), dkim }) })
  await mailer.send({
    from: 'Tea <tea@sender.example>',
    to: 'ann@rcpt.example',
    subject: 'Tea',
    text: 'It is ready.',
    listUnsubscribe: { url: URL_WITH_TOKEN, mailto: 'leave@sender.example', address: 'ann@rcpt.example' },
  })
  const mail = server.messages[0]!.content.toString()
  // Folding moves nothing but white space: the URL is in one piece.
  expect(mail).toContain(
    `List-Unsubscribe: <${URL_WITH_TOKEN}>,\r\n <mailto:leave@sender.example>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n`,
  )
  const { result, covered } = await verdict(mail)
  expect(result).toBe('pass')
  expect(covered).toEqual(expect.arrayContaining(['list-unsubscribe', 'list-unsubscribe-post']))

  const forged = '<https://evil.example/u>'
  for (const changed of [
    mail.replace(`<${URL_WITH_TOKEN}>`, forged),
    mail.replace('List-Unsubscribe:', `List-Unsubscribe: ${forged}\r\nList-Unsubscribe:`),
    mail.replace('From:', `List-Unsubscribe: ${forged}\r\nFrom:`),
    mail.replace('List-Unsubscribe-Post:', 'X-Was-Post:'),
    mail.replace('From:', 'List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nFrom:'),
  ]) {
    expect(changed).not.toBe(mail)
    expect((await verdict(changed)).result).toBe('fail')
  }
})

function addressOf(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url)
  return { host: hostname, port: Number(port) }
}
