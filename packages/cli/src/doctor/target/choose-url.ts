import { UsageError } from '../../usage-error.ts'
import type { Step } from '../report.ts'
import { configStep } from './config-step.ts'

/**
 * The URL to examine in an expression such as `failover(smtp://a smtp://b)?skipMs=5000`.
 *
 * @throws UsageError if it has fewer than `part`
 */
export function chooseUrl(text: string, part: number): { text: string; steps: Step[] } {
  const expression = /^([a-z]+)\((.*)\)(?:\?\S*)?$/is.exec(text)
  const urls = expression
    ? text
        .replaceAll(/(?<![^\s(])[a-z]+\(/gi, ' ')
        .replaceAll(/\)(?:\?[^\s()]*)?/g, ' ')
        .trim()
        .split(/\s+/)
    : [text]
  const chosen = urls[part - 1]
  if (chosen === undefined)
    throw new UsageError(
      `--part ${part}: there ${urls.length === 1 ? 'is only one URL' : `are only ${urls.length} URLs`}`,
    )
  if (urls.length === 1) return { text: chosen, steps: [] }
  const other = part === 1 ? 2 : 1
  const detail = `It has ${urls.length} URLs. This is number ${part}; --part ${other} examines another one.`
  return { text: chosen, steps: [configStep('pass', `${expression![1]}(…)`, detail)] }
}
