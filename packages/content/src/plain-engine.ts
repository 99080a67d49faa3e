import type { TemplateEngine } from './engine.ts'
import { renderComplete } from './missing/render-complete.ts'

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
              render: async (watched) => String(await code(watched as never, context)),
              textOf: (printed) => printed,
            })
          : text,
      files: () => [],
    }
  },
}
