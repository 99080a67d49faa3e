import { readFileSync } from 'node:fs'

/** The most memory this process held, in bytes; what getrusage says begins with what the parent held. */
export function peakMemory(): number {
  try {
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))![1]) * 1024
  } catch {
    return process.resourceUsage().maxRSS * 1024
  }
}
