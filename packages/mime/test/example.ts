import { toMessage } from '@loudmail/core/transport'
import { compose, dkimSigner, dotStuff, dotStuffer } from '@loudmail/mime'

export async function* wireBytes(file: string, privateKey: string): AsyncGenerator<Buffer> {
  const message = toMessage({
    from: 'Ann <ann@example.com>',
    to: 'bob@example.org',
    subject: 'Grüße',
    text: 'See the attachment.',
    attachments: [{ path: file }],
  })
  const dkim = dkimSigner({ domain: 'example.com', selector: 'mail', privateKey })
  const composed = compose(message, { dkim })
  if (composed.bytes) {
    // All of it is in memory: one Buffer.
    yield dotStuff(composed.bytes)
  } else {
    // A file is read while it is sent.
    const stuff = dotStuffer()
    for await (const chunk of composed.chunks) yield stuff(chunk)
  }
}
