// Importing node:buffer would evaluate all its lazy parts at start.
const buffer = (): typeof import('node:buffer') => process.getBuiltinModule('node:buffer')

export function isAscii(bytes: Uint8Array): boolean {
  return buffer().isAscii(bytes)
}
