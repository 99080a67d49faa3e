import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { freePorts } from './free-ports.ts'

const PROGRAMS = join(import.meta.dirname, '../.servers/prometheus')

/** Runs promtool, and returns what it prints. @throws Error with what it prints if it refuses something */
export async function promtool(...parameters: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(join(PROGRAMS, 'promtool'), parameters).catch(
    (error: Error & { stdout: string; stderr: string }) => {
      throw new Error(`promtool ${parameters.join(' ')}\n${error.stdout}${error.stderr}`, { cause: error })
    },
  )
  return stdout
}

/** A Prometheus that runs on the loopback interface, and scrapes nothing. */
export interface Prometheus extends AsyncDisposable {
  /** The `data` of an answer of its API, such as `/api/v1/rules`. @throws Error with what it says */
  get<Data>(path: string, parameters?: Readonly<Record<string, string>>): Promise<Data>
}

/**
 * Starts Prometheus with these samples and rules.
 *
 * @param folder an empty folder, for its data
 * @param samples in OpenMetrics, with times
 */
export async function startPrometheus(folder: string, samples: string, rules: string): Promise<Prometheus> {
  const data = join(folder, 'data')
  await writeFile(join(folder, 'samples.txt'), samples)
  await promtool('tsdb', 'create-blocks-from', 'openmetrics', join(folder, 'samples.txt'), data)
  await writeFile(join(folder, 'config.yaml'), JSON.stringify({ rule_files: [rules] }))
  const [port] = await freePorts(1)
  const child = spawn(
    join(PROGRAMS, 'prometheus'),
    [
      `--config.file=${join(folder, 'config.yaml')}`,
      `--storage.tsdb.path=${data}`,
      '--storage.tsdb.retention.time=100y',
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const kill = (): void => void child.kill('SIGTERM')
  process.once('exit', kill)
  const ended = once(child, 'exit')
  let log = ''
  for await (const line of createInterface({ input: child.stderr })) {
    log += `${line}\n`
    if (line.includes('Server is ready')) break
  }
  if (!log.includes('Server is ready')) throw new Error(`Prometheus ended by itself\n${log}`)
  child.stderr.resume()
  return {
    async get<Data>(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<Data> {
      const query = new URLSearchParams(parameters).toString()
      const answer = await fetch(`http://127.0.0.1:${port}${path}?${query}`)
      const {
        status,
        data: found,
        error,
      } = (await answer.json()) as { status: string; data: Data; error?: string }
      if (status !== 'success') throw new Error(`${error ?? status}: ${query}`)
      return found
    },
    async [Symbol.asyncDispose]() {
      process.off('exit', kill)
      kill()
      await ended
    },
  }
}
