import { template } from '@loudmail/content'
import { reactEmail } from '@loudmail/content/react-email'
import { Layout } from './layout.tsx'

// snippet: welcome
interface WelcomeProps {
  readonly name: string
}

function Welcome({ name }: WelcomeProps) {
  return (
    <Layout>
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
  subject: 'Welcome',
  html: Welcome,
})
// end
