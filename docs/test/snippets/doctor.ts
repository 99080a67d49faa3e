// An application whose mail fails, while the same server works by hand: docs/doctor.md tells its story.
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startServer } from '@loudmail/server'

const SHOP = fileURLToPath(new URL('../tea-shop/', import.meta.url))
const LOUDMAIL = fileURLToPath(new URL('../../../packages/cli/src/main.ts', import.meta.url))
const AUTHORITY = 'ca.pem'

const password = randomBytes(9).toString('base64url')
const server = await startServer({
  caps: ['PIPELINING', 'SIZE 26214400', 'STARTTLS'],
  capsTls: ['PIPELINING', 'SIZE 26214400', 'AUTH PLAIN LOGIN'],
  users: { 'tea@example.com': password },
  requireAuth: true,
})
writeFileSync(join(SHOP, AUTHORITY), server.ca)

/** Runs a command in the folder of the shop, and prints its output. */
function shell(command: string, args: readonly string[], settings: NodeJS.ProcessEnv = {}): Promise<void> {
  const env = {
    ...process.env,
    MAIL_PORT: String(server.port),
    MAIL_PASSWORD: password,
    NODE_EXTRA_CA_CERTS: AUTHORITY,
    ...settings,
  }
  return new Promise((resolve) => {
    execFile(command, args, { cwd: SHOP, env }, (_error, stdout, stderr) => {
      process.stdout.write(`${stdout}${stderr}\n`)
      resolve()
    })
  })
}

await shell(process.execPath, ['sign-up.mjs'])
await shell('python3', ['by-hand.py'])
const doctor = ['doctor', '--transport', './mail.mjs', '--to', 'ann@example.com']
await shell(process.execPath, ['--conditions=@loudmail/source', LOUDMAIL, ...doctor])
// With the option that the doctor gives.
await shell(process.execPath, ['sign-up.mjs'], { MAIL_SECURE: 'false' })
await server.close()
rmSync(join(SHOP, AUTHORITY))
