import { readFileSync } from 'node:fs'
import { parseDocument } from 'htmlparser2'
import { expect } from 'vitest'
import type { ArrivedMail, PostOffice } from './post-office.ts'
import type { WelcomeData } from './welcome-case.ts'

const LOGO = readFileSync(new URL('logo.png', import.meta.url))

/** A name that shows whether values are escaped where they must be, and only there. */
export const NAME = 'Ann <b>"Tea"</b> & \'Co\' {{name}} <%= name %>'

/** The mail is the welcome mail, whatever engine made it. */
export function expectWelcome(mail: ArrivedMail, { name, unsubscribeUrl }: WelcomeData): void {
  expect(mail.dkim).toBe('pass')
  expect(mail.subject).toBe(`Welcome, ${name}`)

  const html = parseDocument(mail.html ?? '')
  const paragraph = find(html, (node) => textOf(node) === `Hello ${name}!`)
  expect(styleOf(paragraph), 'the paragraph has the rule for .hello inlined').toMatch(/color:\s*#2f6f3e/)
  const link = find(html, (node) => node.name === 'a' && node.attribs?.['href'] === unsubscribeUrl)
  expect(textOf(link!).trim()).toBe('Unsubscribe')
  expect(
    find(html, (node) => textOf(node).trim() === 'The tea shop'),
    'the layout is around it',
  ).toBeDefined()

  const text = mail.text ?? ''
  expect(text).toContain(`Hello ${name}!`)
  expect(text).toContain(unsubscribeUrl)
  expect(text).toContain('The tea shop')
  expect(text).not.toMatch(/color|&(?:amp|lt|quot);/)

  const [logo, ...others] = mail.attachments
  expect(others).toEqual([])
  expect(logo).toMatchObject({
    filename: 'logo.png',
    mimeType: 'image/png',
    disposition: 'inline',
    related: true,
  })
  expect(Buffer.from(logo!.content as ArrayBuffer)).toEqual(LOGO)
  const contentId = logo!.contentId!.slice(1, -1)
  const image = find(html, (node) => node.name === 'img')
  expect(image?.attribs).toMatchObject({ src: `cid:${contentId}`, alt: 'Our logo' })
}

/** Mail programs show a button for the link, and their POST unsubscribes the reader (RFC 8058). */
export async function expectOneClick(mail: ArrivedMail, office: PostOffice): Promise<void> {
  const value = (name: string): string | undefined => mail.headers.find(({ key }) => key === name)?.value
  expect(value('list-unsubscribe')).toBe(`<${office.unsubscribeUrl}>`)
  expect(value('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click')
  expect(mail.signed).toEqual(expect.arrayContaining(['list-unsubscribe', 'list-unsubscribe-post']))
  const body = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' })
  const { status } = await fetch(office.unsubscribeUrl, { method: 'POST', body })
  expect(status).toBe(200)
  expect(office.unsubscribed).toMatchObject([{ address: 'ann@rcpt.example', list: 'news', oneClick: true }])
}

interface HtmlNode {
  readonly name?: string
  readonly data?: string
  readonly type: string
  readonly attribs?: Readonly<Record<string, string>>
  readonly parent?: HtmlNode | null
  readonly children?: readonly HtmlNode[]
}

/** The innermost element that is wanted. */
function find(node: HtmlNode, isWanted: (node: HtmlNode) => boolean): HtmlNode | undefined {
  for (const child of node.children ?? []) {
    const found = find(child, isWanted)
    if (found) return found
  }
  return node.name !== undefined && isWanted(node) ? node : undefined
}

function textOf(node: HtmlNode): string {
  if (node.type === 'text') return node.data ?? ''
  return (node.children ?? []).map(textOf).join('')
}

/** The styles of an element and of those that it is in. */
function styleOf(node: HtmlNode | null | undefined): string {
  return node ? `${node.attribs?.['style'] ?? ''};${styleOf(node.parent)}` : ''
}
