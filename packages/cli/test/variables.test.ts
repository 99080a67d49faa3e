import { closedPort } from '@loudmail/server'
import { describe, expect, it } from 'vitest'
import { loudmail } from './cli.ts'
import { temporaryFolder } from './temporary-folder.ts'

const MESSAGE = ['--from', 'ann@example.com', '--to', 'bob@example.org', '--subject', 'Hi']

describe('every command reads variables in the same way', () => {
  /** The name that a command finds in a variable. */
  async function foundBy(command: string, options: { cwd: string; env?: Record<string, string> }) {
    const port = await closedPort()
    const args = {
      doctor: ['--env', 'MAIL_URL', '--no-fixes'],
      send: ['--env', 'MAIL_URL', ...MESSAGE, '--json'],
      dev: ['--forward-env', 'MAIL_URL', '--host', '192.0.2.1', '--smtp-port', String(port)],
    }[command]!
    const { stdout, stderr } = await loudmail([command, ...args], options)
    return stdout + stderr
  }

  it.each(['doctor', 'send'])('%s takes the environment, then .env.local, then .env', async (command) => {
    const files = { '.env': 'MAIL_URL=smtp://127.0.0.1:1', '.env.local': 'MAIL_URL=smtp://127.0.0.2:1' }
    const both = temporaryFolder(files)
    expect(await foundBy(command, { cwd: both })).toContain('127.0.0.2')
    expect(await foundBy(command, { cwd: temporaryFolder({ '.env': files['.env'] }) })).toContain('127.0.0.1')
    const env = { MAIL_URL: 'smtp://127.0.0.3:1' }
    expect(await foundBy(command, { cwd: both, env })).toContain('127.0.0.3')
  })

  it('dev takes the URL to forward to from .env, too', async () => {
    const cwd = temporaryFolder({ '.env': 'MAIL_URL=http://example.com' })
    expect(await foundBy('dev', { cwd })).toContain('the URL to forward to is not valid')
    expect(await foundBy('dev', { cwd: temporaryFolder() })).toContain(
      'MAIL_URL, which --forward-env names, is not set: it is not in the environment',
    )
  })

  it('send says which variable was meant', async () => {
    const cwd = temporaryFolder({ '.env': 'MAIL_URI=smtp://127.0.0.1:1\nMAIL_URL_EMPTY=' })
    expect(await foundBy('send', { cwd })).toContain('Did you mean MAIL_URI?')
    const { stderr } = await loudmail(['send', '--env', 'MAIL_URL_EMPTY', ...MESSAGE], { cwd })
    expect(stderr).toContain('MAIL_URL_EMPTY, which --env names, is empty')
  })
})
