import { readFileSync } from 'node:fs'
import type { Template } from '../../src/index.ts'

/** The data of the welcome mail. */
export interface WelcomeData {
  readonly name: string
  readonly unsubscribeUrl: string
}

/** A template that fails, and where. */
interface FailingCase {
  /** Fails in any case, or with data that has no `name`. */
  readonly template: Template<WelcomeData>
  /** The absolute path of the file that is wrong. */
  readonly file: string
  /** A text that stands first in the line that is wrong. */
  readonly at: string
  /** What the message of the failure must contain. */
  readonly says: string | RegExp
}

/** The welcome mail in one engine. */
export interface WelcomeCase {
  readonly engine: string
  readonly welcome: Template<WelcomeData>
  /** It has a mistake that the engine finds. */
  readonly broken: FailingCase
  /** It shows `name`, which is not in the data. */
  readonly missingVariable: FailingCase
  /** It shows `nowhere.png`, which is not on disk. */
  readonly missingImage: FailingCase
}

/** The number of the first line that has this text. */
export function lineWith(file: string, text: string): number {
  const before = readFileSync(file, 'utf8').split(text)[0]!
  return before.split('\n').length
}
