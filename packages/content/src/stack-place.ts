import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A place in a program. */
export interface Place {
  /** The absolute path of the file. */
  readonly file: string
  /** The first line is 1. */
  readonly line: number
  /** The first character is 1. */
  readonly column: number
}

/** A path may have brackets in it, as folders of Next.js do. */
const FRAME = /^\s*at (?:async )?(?:[^\n]*? \()?((?:file:\/\/)?(?:\/|[A-Za-z]:[\\/])[^\n]*?):(\d+):(\d+)\)?$/
const PACKAGES = /[\\/]node_modules[\\/]/
/** The folder of the package that a file is in. */
const PACKAGE = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+[\\/]/
/** The folder of this package; undefined in a bundle, which has the program in the same file. */
const OWN = /\/stack-place\.[jt]s$/.test(import.meta.url)
  ? dirname(fileURLToPath(import.meta.url))
  : undefined

/** Where a function was called, in the code of its caller. */
export function callerPlace(called: (...args: never[]) => unknown): Place | undefined {
  return placeOfStack(stackOfCallers(called), () => true)
}

/** The first of those that called a function, directly or not, that is in a program itself. In a bundle, everything is. */
export function programPlace(called: (...args: never[]) => unknown): Place | undefined {
  return placeOfStack(stackOfCallers(called), isOfProgram)
}

/**
 * The first place of a stack that is in a program itself, and not in one of its packages.
 *
 * @param program a file of the program, which may be installed as a package itself
 */
export function placeOfError(error: unknown, program = ''): Place | undefined {
  const [root = ''] = PACKAGE.exec(program) ?? []
  return placeOfStack(framesOf(error), (file) =>
    isOfProgram(file.startsWith(root) ? file.slice(Math.max(0, root.length - 1)) : file),
  )
}

function isOfProgram(file: string): boolean {
  return !PACKAGES.test(file) && (OWN === undefined || !file.startsWith(OWN))
}

function stackOfCallers(called: (...args: never[]) => unknown): string | undefined {
  const holder: { stack?: string } = {}
  // It is a part of V8 and of JavaScriptCore.
  Error.captureStackTrace?.(holder, called)
  return holder.stack
}

/** The stack behind the message. A message may contain data, and what looks like a place in it must not be opened. */
function framesOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  try {
    const { stack, message = '' } = error as { readonly stack?: unknown; readonly message?: unknown }
    if (typeof stack !== 'string' || typeof message !== 'string') return undefined
    const start = stack.indexOf(message)
    return start < 0 ? undefined : stack.slice(start + message.length)
  } catch {
    return undefined
  }
}

function placeOfStack(stack: string | undefined, isWanted: (file: string) => boolean): Place | undefined {
  for (const line of stack?.split('\n') ?? []) {
    const [, where, row, column] = FRAME.exec(line) ?? []
    // What is in code that was made while the program ran has no file.
    if (where === undefined || where.includes('<anonymous>')) continue
    const file = where.startsWith('file://') ? pathOf(where) : where
    if (file !== undefined && isWanted(file)) return { file, line: Number(row), column: Number(column) }
  }
  return undefined
}

/** Undefined for a URL that is no path here, such as one with a host. */
function pathOf(url: string): string | undefined {
  try {
    return fileURLToPath(url)
  } catch {
    return undefined
  }
}
