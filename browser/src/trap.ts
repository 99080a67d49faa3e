import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A foreign server that records every request. */
export interface Trap extends AsyncDisposable {
  readonly url: string
  readonly asked: { readonly path: string; readonly referrer: string | undefined }[]
}

const PIXEL = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')

export async function startTrap(): Promise<Trap> {
  const asked: { path: string; referrer: string | undefined }[] = []
  const server = createServer(({ url = '', headers }, response) => {
    // A window that was opened on purpose may ask for its icon at any time.
    if (url !== '/favicon.ico') asked.push({ path: url, referrer: headers.referer })
    if (url.endsWith('.png')) response.writeHead(200, { 'content-type': 'image/gif' }).end(PIXEL)
    else
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<title>elsewhere</title><script>window.found = String(window.opener)</script>')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
