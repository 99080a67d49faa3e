import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { startHttpServer } from '@loudmail/server/http'
import { expect, test } from 'vitest'
import { connectTo } from '../raw-client.ts'

test('close() leaves nothing open after any action, so a program that did all of them ends by itself', async () => {
  const program = new URL('closing-program.ts', import.meta.url).pathname
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=@loudmail/source', program])
  expect(stdout).toBe('all are closed\n')
})

test('close() can be called more than once, ends connections, and refuses new ones', async () => {
  const server = await startHttpServer({ stall: true })
  using client = await connectTo(server)
  await server.waitFor('connection')
  const waiting = server.waitFor('request')
  await Promise.all([server.close(), server.close(), expect(waiting).rejects.toThrow('The server is closed')])
  await client.end()
  await expect(fetch(server.url)).rejects.toThrow('fetch failed')
  await server.close()
})

test('a port that is taken is an error of the system', async () => {
  await using server = await startHttpServer()
  await expect(startHttpServer({ status: 200 }, { port: server.port })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  })
})

test('the address may be one of IPv6', async () => {
  await using server = await startHttpServer({ status: 204 }, { host: '::1' })
  expect(server.url).toBe(`http://[::1]:${server.port}`)
  expect((await fetch(server.url)).status).toBe(204)
})
