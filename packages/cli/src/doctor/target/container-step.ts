import { existsSync, readFileSync } from 'node:fs'
import type { MailError } from '@loudmail/core'
import { isLoopback } from '@loudmail/core/transport'
import type { Step } from '../report.ts'
import { configStep } from './config-step.ts'
import type { Target } from '../target.ts'

/** Says what `localhost` is inside a container, if nothing answers there. */
export function containerStep({ options }: Target, failure: MailError | undefined): Step[] {
  if (!options || options.proxy !== undefined || !isLoopback(options.host)) return []
  if (failure?.stage !== 'connect' || !isInContainer()) return []
  const detail = `This runs in a container, where ${options.host} is the container itself. A server in another container is reached by the name of its service, and one on the machine around it mostly as host.docker.internal.`
  return [configStep('warn', 'container', detail)]
}

/** Docker, Podman, and what Kubernetes runs. */
function isInContainer(): boolean {
  if (existsSync('/.dockerenv') || existsSync('/run/.containerenv')) return true
  try {
    return /docker|containerd|kubepods|libpod/.test(readFileSync('/proc/1/cgroup', 'utf8'))
  } catch {
    return false
  }
}
