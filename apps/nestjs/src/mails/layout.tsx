import type { ReactNode } from 'react'

const styles = `
  body { background: #f7f3ec; font: 16px/1.5 Georgia, serif; color: #3b2a1a }
  main { max-width: 480px; margin: 0 auto; padding: 24px; background: #fffdf9 }
  h1 { color: #b03a06; font-size: 24px }
  a { color: #8a2e05 }
  @media (prefers-color-scheme: dark) {
    body { background: #1c1713; color: #f3e9dc }
    main { background: #2a231d }
    h1, a { color: #f0a07a }
  }
`

/** What every mail of the shop has around it. The styles go to the elements when a mail is made. */
export function Layout({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <html lang="en">
      <head>
        <title>{title}</title>
        <style>{styles}</style>
      </head>
      <body>
        <main>
          <img src="logo.png" alt="Tea Shop" width="48" height="48" />
          {children}
          <p>Tea Shop, 1 Leaf Street</p>
        </main>
      </body>
    </html>
  )
}
