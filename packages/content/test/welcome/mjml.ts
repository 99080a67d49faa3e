import { join } from 'node:path'
import { render, type TemplateEngine } from '../../src/index.ts'
import { mjml } from '../../src/mjml/index.ts'
import type { WelcomeCase, WelcomeData } from './welcome-case.ts'

/** The folder of the same mails in MJML, whose variables are for this engine. */
export function mjmlWith(name: string, engine: TemplateEngine, once: boolean, folder: string): WelcomeCase {
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
