import type { TemplateEngine } from './engine.ts'
import { Html } from './html/html.ts'
import { renderComplete } from './missing/render-complete.ts'
import { TemplateProblem } from './template-problem.ts'

/** Functions and texts as they are. */
export const plainEngine: TemplateEngine = {
  name: 'plain',
  extensions: ['.html', '.txt'],
  takesCode: true,
  compile({ code, text }) {
    return {
      render: async (data, context) =>
        code
          ? renderComplete(data, {
              render: async (watched) => textOf(await code(watched as never, context)),
              textOf: (printed) => printed,
            })
          : text,
      files: () => [],
    }
  },
}

function textOf(made: unknown): string {
  if (typeof made === 'string' || typeof made === 'number' || made instanceof Html) return String(made)
  if (typeof made === 'object' && made !== null && '$$typeof' in made)
    throw new TemplateProblem('the function is a component of React: add engine: reactEmail()')
  const what =
    made === null || made === undefined ? 'nothing' : typeof made === 'object' ? 'an object' : typeof made
  throw new TemplateProblem(`the function must return a text, but it returned ${what}`)
}
