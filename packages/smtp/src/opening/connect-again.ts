/** The server closed the connection, but the opening can go on with another one. */
export class ConnectAgain extends Error {
  override readonly name = 'ConnectAgain'
}
