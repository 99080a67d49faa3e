/** A mail in React Email. Its style is moved into the paragraph. */
export function Welcome({ address }) {
  return (
    <html lang="en">
      <head>
        <title>{`Welcome, ${address}`}</title>
        <style>{`.hello { color: #0a7 }`}</style>
      </head>
      <body>
        <p className="hello">Hello {address}!</p>
      </body>
    </html>
  )
}
