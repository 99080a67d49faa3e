import { render } from '@react-email/render'
import { createElement, type FunctionComponent, type ReactNode } from 'react'
import type { RenderContext, TemplateCode } from '../engine.ts'
import { renderComplete } from '../missing/render-complete.ts'
import { TemplateProblem } from '../template-problem.ts'

/** The HTML of a component with data as its props. @throws TemplateProblem, or what the component throws */
export async function renderComponent(
  component: TemplateCode,
  data: unknown,
  context: RenderContext,
  pretty: boolean,
): Promise<string> {
  if (!isFunctionComponent(component))
    return checked(await render(createElement(component as FunctionComponent, data as object), { pretty }))
  return renderComplete(data, {
    async render(watched) {
      // It is called here and not by React, which would copy the data. It may use hooks, because Mail is a component.
      const Mail = (): ReactNode => component(watched as never, context) as ReactNode
      return checked(await render(createElement(Mail), { pretty }))
    },
    textOf: (html) => html,
    omitsUndefined: true,
  })
}

/** Classes, and what memo() and forwardRef() return, are for React alone. */
function isFunctionComponent(component: TemplateCode): boolean {
  return typeof component === 'function' && !Object(component.prototype)['isReactComponent']
}

function checked(html: string): string {
  // React leaves a title empty if it has several children, and a mail would have no subject.
  if (/<title[^>]*><\/title>/.test(html))
    throw new TemplateProblem(
      '<title> is empty: React takes one text in it. Write <title>{`Welcome, ${name}`}</title>',
    )
  return html
}
