import { addresses, recipients } from '../fields.ts'
import { messageOfMime } from '../mime-head.ts'
import { NotWellFormed, type ProviderApi } from '../provider-api.ts'

/** POST /v3/{domain}/messages and POST /v3/{domain}/messages.mime, whose bodies are forms. */
export const mailgunApi: ProviderApi = {
  path: /^\/v3\/[^/]+\/messages(?:\.mime)?$/,
  hasCredentials: ({ headers }) => /^Basic \S+$/.test(headers['authorization'] ?? ''),
  failures: {
    noCredentials: 'unauthorized-text',
    notWellFormed: 'missing-parameter',
    noPath: 'domain-not-found',
  },
  id: (number) => `<20261127120000.${number.toString(16).padStart(16, '0')}@sender.example>`,
  read: async ({ body, headers, path }) => {
    const type = headers['content-type'] ?? ''
    const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData()
    const named = (name: string): readonly string[] => form.getAll(name).flatMap((value) => addresses(value))
    if (path.endsWith('.mime')) {
      const mime = form.get('message')
      if (mime === null) throw new NotWellFormed()
      const octets = typeof mime === 'string' ? Buffer.from(mime) : Buffer.from(await mime.arrayBuffer())
      return [messageOfMime(octets, named('to'))]
    }
    if (named('from').length === 0) throw new NotWellFormed()
    const subject = form.get('subject')
    return [
      {
        to: recipients(named('to'), named('cc'), named('bcc')),
        subject: typeof subject === 'string' ? subject : undefined,
      },
    ]
  },
  answer: ([id]) => ({ status: 200, body: { id, message: 'Queued. Thank you.' } }),
}
