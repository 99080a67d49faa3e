import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { wireBytes } from './example.ts'

const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8')

it('the program in the README runs', async () => {
  expect(read('../README.md')).toContain(read('./example.ts'))
  const { privateKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const chunks: Buffer[] = []
  for await (const chunk of wireBytes(fileURLToPath(new URL('../README.md', import.meta.url)), privateKey))
    chunks.push(chunk)
  expect(Buffer.concat(chunks).toString()).toMatch(
    /^DKIM-Signature: v=1; a=ed25519-sha256;[^]*filename="README.md"/,
  )
})
