import { join } from 'node:path'
import { render, type TemplateEngine } from '../../src/index.ts'
import { eta } from '../../src/eta/index.ts'
import { handlebars } from '../../src/handlebars/index.ts'
import type { WelcomeCase, WelcomeData } from './welcome-case.ts'

function inFolder(
  name: string,
  engine: TemplateEngine,
  broken: Pick<WelcomeCase['broken'], 'at' | 'says'>,
): WelcomeCase {
  const [extension] = engine.extensions
  const folder = join(import.meta.dirname, engine.name)
  const mail = render<Record<string, WelcomeData>>({ engine, folder, images: import.meta.dirname })
  const file = (stem: string): string => join(folder, stem + extension)
  return {
    engine: name,
    welcome: (data, options) => mail('welcome', data, options),
    broken: { template: (data, options) => mail('broken', data, options), file: file('broken'), ...broken },
    missingVariable: {
      template: (data, options) => mail('dear', data, options),
      file: file('dear'),
      at: 'Dear',
      says: 'name',
    },
    missingImage: {
      template: (data, options) => mail('no-image', data, options),
      file: file('no-image'),
      at: 'nowhere.png',
      says: 'nowhere.png',
    },
  }
}

/** Files of Handlebars. */
export const handlebarsCase = inFolder('Handlebars', handlebars(), {
  at: '{{#if name}}',
  says: '{{#if}} is closed by {{/unless}}',
})
/** Files of Eta. */
export const etaCase = inFolder('Eta', eta(), { at: '<% }) %>', says: /\S/ })
