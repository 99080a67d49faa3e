import { html, type Html } from '../html.ts'

/** What the page shows until a sample is chosen. */
export function previewsWelcomeView(): Html {
  return html`<article id="message" class="welcome" tabindex="-1" aria-labelledby="welcome">
    <h2 id="welcome">Previews</h2>
    <p>Choose a template to see it with its sample data. Nothing is sent.</p>
    <p>
      The page renders a template when you look at it, and again whenever you save one of its files. It shows
      the mail on a desktop and on a phone, in light and dark colours, its text, its size, and what is wrong
      with it.
    </p>
  </article>`
}
