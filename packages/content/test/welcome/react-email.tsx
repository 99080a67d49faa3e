import type { ReactNode } from 'react'
import { Body } from '@react-email/body'
import { Button } from '@react-email/button'
import { Head } from '@react-email/head'
import { Html } from '@react-email/html'
import { Img } from '@react-email/img'
import { template } from '../../src/index.ts'
import { reactEmail } from '../../src/react-email/index.ts'
import type { WelcomeCase, WelcomeData } from './welcome-case.ts'

const engine = reactEmail()
const file = import.meta.filename

function Layout({ title, children }: { title: string; children: ReactNode }): ReactNode {
  return (
    <Html lang="en">
      <Head>
        <title>{title}</title>
        <style>{`.hello { color: #2f6f3e }`}</style>
      </Head>
      <Body>
        <Img src="logo.png" alt="Our logo" />
        {children}
        <p>The tea shop</p>
      </Body>
    </Html>
  )
}

function Welcome({ name, unsubscribeUrl }: WelcomeData): ReactNode {
  return (
    <Layout title={`Welcome, ${name}`}>
      <p className="hello">Hello {name}!</p>
      <Button href={unsubscribeUrl}>Unsubscribe</Button>
    </Layout>
  )
}

function Broken(data: WelcomeData): ReactNode {
  const { shop } = data as WelcomeData & { shop?: { city: string } }
  return <p>From {shop!.city}</p>
}

function Dear(data: WelcomeData): ReactNode {
  return (
    <Layout title="Welcome">
      <p>Dear {data.name}</p>
    </Layout>
  )
}

function NoImage(): ReactNode {
  return (
    <p>
      <Img src="nowhere.png" />
    </p>
  )
}

/** Components of React Email. */
export const reactEmailCase: WelcomeCase = {
  engine: 'React Email',
  welcome: template({ engine, html: Welcome }),
  broken: {
    template: template({ engine, html: Broken }),
    file,
    at: 'From {shop!.city}',
    says: /undefined.*city/,
  },
  missingVariable: { template: template({ engine, html: Dear }), file, at: 'Dear {data.name}', says: 'name' },
  missingImage: {
    template: template({ engine, html: NoImage, subject: () => 'Welcome' }),
    file,
    at: 'src="nowhere.png"',
    says: 'nowhere.png',
  },
}
