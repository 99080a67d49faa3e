import { createHash } from 'node:crypto'

/**
 * The UUID of a name in a name space, version 5: the same name always has the same one (RFC 9562 section 5.5).
 *
 * @param space the UUID of the name space
 */
export function nameBasedUuid(space: string, name: string): string {
  const hash = createHash('sha1')
  hash.update(Buffer.from(space.replaceAll('-', ''), 'hex')).update(name)
  const octets = hash.digest().subarray(0, 16)
  octets[6] = (octets[6]! & 0x0f) | 0x50
  octets[8] = (octets[8]! & 0x3f) | 0x80
  return octets.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
