import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Mailer, type Receipt } from '@loudmail/core'
import { dkimSigner } from '@loudmail/mime'
import { startServer, type SmtpServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import { dkimVerify } from 'mailauth/lib/dkim/verify.js'
import PostalMime, { type Email } from 'postal-mime'
import type { FilledTemplate } from '../../src/index.ts'
import { UnsubscribeLinks, unsubscribeHandler, type Unsubscribing } from '../../src/unsubscribe/index.ts'

/** A mail as it arrived. */
export interface ArrivedMail extends Email {
  /** What the DKIM signature says: `pass` if the mail is as it was signed. */
  readonly dkim: string
  /** The names of the header fields that are signed, in lower case. */
  readonly signed: readonly string[]
}

/** A server, a mailer that signs what it sends there, and a site where readers unsubscribe. */
export interface PostOffice extends AsyncDisposable {
  readonly server: SmtpServer
  /** The link of the reader, which is in each mail. */
  readonly unsubscribeUrl: string
  /** Who has unsubscribed. */
  readonly unsubscribed: readonly Unsubscribing[]
  /** Sends a mail with this template. @throws MailError */
  send(template: FilledTemplate): Promise<Receipt>
  /** Sends it, and reads what the server got. */
  deliver(template: FilledTemplate): Promise<ArrivedMail>
}

const READER = 'ann@rcpt.example'

/** Starts a post office. */
export async function openPostOffice(): Promise<PostOffice> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const record = `v=DKIM1; k=ed25519; p=${publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64')}`
  const server = await startServer()
  const dkim = dkimSigner({ domain: 'shop.example', selector: 'mail', privateKey })
  const mailer = new Mailer({
    transport: smtp({ host: server.host, port: server.port, dkim }),
    defaults: { from: 'Tea Shop <tea@shop.example>', to: READER },
  })
  const unsubscribed: Unsubscribing[] = []
  const site = createServer().listen(0, '127.0.0.1')
  await once(site, 'listening')
  const { port } = site.address() as AddressInfo
  const links = new UnsubscribeLinks({
    url: `http://127.0.0.1:${port}/unsubscribe?from=mail`,
    secret: randomBytes(32).toString('base64'),
  })
  site.on(
    'request',
    unsubscribeHandler(links, (who) => void unsubscribed.push(who)),
  )
  const listUnsubscribe = links.link({ address: READER, list: 'news' })
  const send = (template: FilledTemplate): Promise<Receipt> => mailer.send({ template, listUnsubscribe })
  return {
    server,
    unsubscribeUrl: listUnsubscribe.url,
    unsubscribed,
    send,
    async deliver(template) {
      const before = server.messages.length
      await send(template)
      const { content } = server.messages[before]!
      const { results } = await dkimVerify(content, { resolver: () => Promise.resolve([[record]]) })
      const { status, signingHeaders } = results[0]!
      return {
        ...(await PostalMime.parse(content)),
        dkim: status.result,
        signed: signingHeaders?.keys.toLowerCase().split(/:\s*/) ?? [],
      }
    },
    async [Symbol.asyncDispose]() {
      await mailer.close()
      site.close()
      site.closeAllConnections()
      await server.close()
    },
  }
}
