import { join } from 'node:path'
import { render, type TemplateEngine } from '../../src/index.ts'
import { eta } from '../../src/eta/index.ts'
import { handlebars } from '../../src/handlebars/index.ts'
import { mjml } from '../../src/mjml/index.ts'
import type { WelcomeCase, WelcomeData } from './welcome-case.ts'

/** A folder of mails in MJML, whose variables are for an engine. */
function inFolder(name: string, engine: TemplateEngine, once: boolean): WelcomeCase {
  const folder = join(import.meta.dirname, `mjml-${engine.name}`)
  const mail = render<Record<string, WelcomeData>>({
    engine: mjml({ engine, once }),
    folder,
    images: import.meta.dirname,
  })
  const file = join(folder, 'welcome.mjml')
  return {
    engine: `MJML ${once ? 'before' : 'after'} ${name}`,
    welcome: (data, options) => mail('welcome', data, options),
    broken: {
      template: (data, options) => mail('broken', data, options),
      file: join(folder, 'broken.mjml'),
      at: '<mj-buton',
      says: "Element mj-buton doesn't exist",
    },
    missingVariable: {
      template: (data, options) => mail('welcome', data, options),
      file,
      at: 'Welcome, ',
      says: 'name',
    },
    missingImage: {
      template: (data, options) => mail('missing-image', data, options),
      file: join(folder, 'missing-image.mjml'),
      at: 'nowhere.png',
      says: 'nowhere.png',
    },
  }
}

/** MJML after an engine, and before it. */
export const mjmlCases = [false, true].flatMap((once) => [
  inFolder('Handlebars', handlebars(), once),
  inFolder('Eta', eta(), once),
])
