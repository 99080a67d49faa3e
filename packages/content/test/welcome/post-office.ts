import { generateKeyPairSync } from 'node:crypto'
import { Mailer, type Receipt } from '@loudmail/core'
import { dkimSigner } from '@loudmail/mime'
import { startServer, type SmtpServer } from '@loudmail/server'
import { smtp } from '@loudmail/smtp'
import { dkimVerify } from 'mailauth/lib/dkim/verify.js'
import PostalMime, { type Email } from 'postal-mime'
import type { FilledTemplate } from '../../src/index.ts'

/** A mail as it arrived. */
export interface ArrivedMail extends Email {
  /** What the DKIM signature says: `pass` if the mail is as it was signed. */
  readonly dkim: string
  /** The names of the header fields that are signed, in lower case. */
  readonly signed: readonly string[]
}

/** A server, and a mailer that signs what it sends there. */
export interface PostOffice extends AsyncDisposable {
  readonly server: SmtpServer
  /** Sends a mail with this template. @throws MailError */
  send(template: FilledTemplate): Promise<Receipt>
  /** Sends it, and reads what the server got. */
  deliver(template: FilledTemplate): Promise<ArrivedMail>
}

/** Starts a post office. */
export async function openPostOffice(): Promise<PostOffice> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const record = `v=DKIM1; k=ed25519; p=${publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64')}`
  const server = await startServer()
  const dkim = dkimSigner({ domain: 'shop.example', selector: 'mail', privateKey })
  const mailer = new Mailer({
    transport: smtp({ host: server.host, port: server.port, dkim }),
    defaults: { from: 'Tea Shop <tea@shop.example>', to: 'ann@rcpt.example' },
  })
  const send = (template: FilledTemplate): Promise<Receipt> => mailer.send({ template })
  return {
    server,
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
      await server.close()
    },
  }
}
