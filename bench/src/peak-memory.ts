import { readFileSync } from 'node:fs'

/** The most memory that this process used, in bytes. The value of getrusage would include memory of the parent. */
export function peakMemory(): number {
  try {
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))![1]) * 1024
  } catch {
    return process.resourceUsage().maxRSS * 1024
  }
}
