import { template } from '@loudmail/content'
import { reactEmail } from '@loudmail/content/react-email'
import { Layout } from './layout.tsx'

// IMAGES_URL is where this folder is on a web server, for a provider that shows no attached images. Without it, mails contain
// their images.
const { IMAGES_URL } = process.env

// snippet: welcome
interface WelcomeProps {
  readonly name: string
}

function Welcome({ name }: WelcomeProps) {
  return (
    <Layout title="Welcome">
      <h1>Welcome, {name}</h1>
      <p>Your tea is waiting.</p>
      <p>
        <a href="https://tea.example.com/teas">Choose your first tea</a>
      </p>
    </Layout>
  )
}

/** `welcome({ name: 'Ann' })` is what `template` of a message takes. */
export const welcome = template<WelcomeProps>({
  engine: reactEmail(),
  html: Welcome,
  images: IMAGES_URL ? new URL(IMAGES_URL) : undefined,
})
// end
