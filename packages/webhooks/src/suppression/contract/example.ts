import assert from 'node:assert/strict'
import { MailError } from '@loudmail/core'
import type { SuppressionStoreSubject } from './subject.ts'
import type { Suppression } from '../suppression.ts'

/** Tests by what they promise. */
export type Promises = Readonly<Record<string, (subject: SuppressionStoreSubject) => Promise<void>>>

export const BOB = 'bob@rcpt.example'

export const AT = new Date('2026-11-20T10:00:00.000Z')

/** A suppression, with what a case needs to be different. */
export function suppression(changes: Partial<Suppression> = {}): Suppression {
  return { address: BOB, reason: 'bounced', at: AT, ...changes }
}

/** The addresses of many users. */
export function users(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `user${n}@rcpt.example`)
}

/** The MailError that a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<MailError> {
  try {
    await promise
  } catch (error) {
    if (MailError.is(error)) return error
    throw error
  }
  throw new assert.AssertionError({ message: 'it should have failed' })
}
