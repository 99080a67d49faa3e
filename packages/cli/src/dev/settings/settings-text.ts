import { FRAMEWORKS, type Framework } from './frameworks.ts'
import { JAVASCRIPT } from './javascript.ts'
import { OTHERS } from './others.ts'
import { PYTHON } from './python.ts'
import type { Reach, Settings } from './settings.ts'

const ALL: Readonly<Record<Framework, Settings>> = { ...JAVASCRIPT, ...PYTHON, ...OTHERS }

/**
 * The settings to paste.
 *
 * @param wanted the name of a framework, or `all`
 */
export function settingsText(wanted: string, reach: Reach): string {
  const names = FRAMEWORKS.filter((each) => wanted === 'all' || each === wanted)
  const parts = names.map((name) => {
    const { title, text } = ALL[name]
    const lines = text(reach)
      .split('\n')
      .filter((line) => line.trim() !== '')
    return [title, '', ...lines.map((line) => `    ${line}`), ''].join('\n')
  })
  return `\n${parts.join('\n')}`
}
