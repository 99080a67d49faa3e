import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { createServer, type TLSSocket } from 'node:tls'
import { certificates } from '../certificates.ts'
import type { ServerScript } from '../script/script.ts'

/** Does the server's side of a TLS handshake with the certificate and options of the script; rejects if it fails. */
export function secureWith(script: ServerScript): (socket: Socket) => Promise<TLSSocket> {
  const options = {
    ...certificates[script.cert ?? 'good'],
    ca: certificates.ca,
    ticketKeys: randomBytes(48),
    ...script.tlsOpts,
  }
  return (socket) =>
    new Promise((resolve, reject) => {
      const handshake = createServer(options)
      // A client that ends its side during the handshake never finishes it. After the handshake, it may end its side.
      socket.allowHalfOpen = false
      handshake.once('secureConnection', (secured) => {
        secured.allowHalfOpen = true
        resolve(secured)
      })
      handshake.once('tlsClientError', reject)
      socket.once('close', () => reject(new Error('The connection closed during the TLS handshake')))
      handshake.emit('connection', socket)
    })
}
