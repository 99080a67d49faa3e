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
  const called = functionOf(component)
  if (!called)
    return checked(await render(createElement(component as FunctionComponent, data as object), { pretty }))
  return renderComplete(data, {
    async render(watched) {
      // It is called here and not by React, which would copy the data. It may use hooks, because Mail is a component.
      const Mail = (): ReactNode => called(watched as never, context) as ReactNode
      return checked(await render(createElement(Mail), { pretty }))
    },
    textOf: (html) => html,
    omitsUndefined: true,
  })
}

/** The function of a component, also in memo() and forwardRef(). Undefined for classes and lazy(): they are for React alone. */
function functionOf(component: unknown): TemplateCode | undefined {
  if (typeof component === 'function')
    return Object(component.prototype)['isReactComponent'] ? undefined : (component as TemplateCode)
  const { type, render: withRef } = Object(component) as {
    readonly type?: unknown
    readonly render?: (data: never, ref: null) => unknown
  }
  return typeof withRef === 'function'
    ? (data) => withRef(data, null)
    : type === undefined
      ? undefined
      : functionOf(type)
}

function checked(html: string): string {
  // React leaves a title empty if it has several children, and a mail would have no subject.
  if (/<title[^>]*><\/title>/.test(html))
    throw new TemplateProblem(
      '<title> is empty: React takes one text in it. Write <title>{`Welcome, ${name}`}</title>',
    )
  return html
}
