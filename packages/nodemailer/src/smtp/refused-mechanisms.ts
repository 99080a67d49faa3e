import { refusesMechanism, type Capabilities } from '@loudmail/core/transport'
import type { Answered } from './conversation.ts'

/**
 * The mechanisms that the server of a transporter offered and then refused. nodemailer uses the first one that it is
 * offered, so a refused one is not offered to it again.
 */
export class RefusedMechanisms {
  readonly #names = new Set<string>()

  /**
   * Learns from a reply to AUTH.
   *
   * @param usable what nodemailer can use; with `*`, it uses the first whatever happens
   * @returns whether the mechanism was refused and another one is left
   */
  learn({ expected, answer }: Answered, usable: readonly string[], { mechanisms }: Capabilities): boolean {
    const mechanism = expected.command!.slice('AUTH '.length).toUpperCase()
    if (!refusesMechanism(answer, mechanism)) return false
    this.#names.add(mechanism)
    const isLeft = usable.some((name) => mechanisms.includes(name) && !this.#names.has(name))
    if (isLeft && !usable.includes('*')) return true
    this.#names.clear()
    return false
  }

  /** A line of the EHLO reply without them. */
  withoutThem(line: string): string {
    if (this.#names.size === 0 || !/^AUTH\b/i.test(line)) return line
    const names = line.split(/[\s=]+/)
    return names.filter((name) => !this.#names.has(name.toUpperCase())).join(' ')
  }
}
