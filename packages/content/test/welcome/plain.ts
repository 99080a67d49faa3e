import { template } from '../../src/index.ts'
import type { WelcomeCase, WelcomeData } from './welcome-case.ts'

const file = import.meta.filename

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

function layout(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
  <head><title>${escaped(title)}</title><style>.hello { color: #2f6f3e }</style></head>
  <body>
    <img src="logo.png" alt="Our logo">
    ${body}
    <p>The tea shop</p>
  </body>
</html>`
}

/** Plain functions. */
export const plain: WelcomeCase = {
  engine: 'plain functions',
  welcome: template(({ name, unsubscribeUrl }: WelcomeData) => ({
    html: layout(
      `Welcome, ${name}`,
      `<p class="hello">Hello ${escaped(name)}!</p><p><a href="${escaped(unsubscribeUrl)}">Unsubscribe</a></p>`,
    ),
  })),
  broken: {
    template: template((data: WelcomeData) => {
      const { shop } = data as WelcomeData & { shop?: { city: string } }
      return { html: layout('Welcome', `<p>From ${shop!.city}</p>`) }
    }),
    file,
    at: '<p>From ${shop!.city}',
    says: /undefined.*city/,
  },
  missingVariable: {
    template: template(({ name }: WelcomeData) => ({ html: `<p>Dear ${name}</p>` })),
    file,
    at: '<p>Dear ${name}',
    says: 'name',
  },
  missingImage: {
    template: template(() => ({ html: '<p><img src="nowhere.png"></p>' })),
    file,
    at: '<img src="nowhere.png">',
    says: 'nowhere.png',
  },
}
