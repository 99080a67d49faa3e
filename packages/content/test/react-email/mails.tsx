import {
  Component,
  createContext,
  forwardRef,
  lazy,
  memo,
  Suspense,
  use,
  useContext,
  useId,
  useState,
  type ReactNode,
} from 'react'
import { Body } from '@react-email/body'
import { Button } from '@react-email/button'
import { Head } from '@react-email/head'
import { Html } from '@react-email/html'
import { Preview } from '@react-email/preview'
import type { RenderContext } from '../../src/index.ts'

const Shop = createContext('no shop')

function Layout({ title, children }: { title: string; children: ReactNode }): ReactNode {
  return (
    <Html lang="en">
      <Head>
        <title>{title}</title>
        <style>{`.loud { color: red }`}</style>
      </Head>
      <Body>
        <Shop.Provider value="The tea shop">{children}</Shop.Provider>
      </Body>
    </Html>
  )
}

function Greeting({ name }: { name: string }): ReactNode {
  const shop = useContext(Shop)
  const [word] = useState('Hello')
  return (
    <p className="loud" id={useId()}>
      {word} {name}, from {shop}
    </p>
  )
}

export function Hello({ name, note }: { name: string; note?: string }): ReactNode {
  return (
    <Layout title={`Hello, ${name}`}>
      <Preview>Tea is ready</Preview>
      <Greeting name={name} />
      {note && <p>{note}</p>}
      <Button href="https://shop.example/?a=1&b=2">Shop</Button>
    </Layout>
  )
}
Hello.PreviewProps = { name: 'Ann' }

async function Price({ tea }: { tea: string }): Promise<ReactNode> {
  const price = await Promise.resolve(3)
  return (
    <p>
      {tea}: {price} pounds
    </p>
  )
}

const later = Promise.resolve('Ceylon')

function Later(): ReactNode {
  return <p>{use(later)} later</p>
}

export async function Prices({ tea }: { tea: string }): Promise<ReactNode> {
  await Promise.resolve()
  return (
    <Layout title="Prices">
      <Price tea={tea} />
      <Suspense fallback="not yet">
        <Later />
      </Suspense>
    </Layout>
  )
}

export function Localized({ name }: { name: string }, { locale }: RenderContext): ReactNode {
  return <Layout title={locale === 'de' ? `Hallo ${name}` : `Hello ${name}`}>{locale}</Layout>
}

function Total({ prices }: { prices: readonly number[] }): ReactNode {
  return <p>{prices.reduce((sum, price) => sum + price, 0)}</p>
}

export function Order({ prices }: { prices: readonly number[] }): ReactNode {
  return (
    <Layout title="Your order">
      <Total prices={prices} />
    </Layout>
  )
}

export async function Slow({ id }: { id: number }): Promise<ReactNode> {
  await Promise.resolve()
  throw new Error(`order ${id} is not known`)
}

export function Wrong({ shop }: { shop: object }): ReactNode {
  return <p>{shop as ReactNode}</p>
}

export function TwoTexts({ name }: { name: string }): ReactNode {
  return (
    <html lang="en">
      <head>
        <title>Hello {name}</title>
      </head>
    </html>
  )
}

export function Address({ user }: { user: { name: string; city: string } }): ReactNode {
  return (
    <Layout title={`Tea for ${user.name}`}>
      <p>From {user.city}, with love</p>
    </Layout>
  )
}

interface Named {
  readonly name: string
}

const Name = ({ name }: Named): ReactNode => <p>Hi {name}</p>

export const Memo = memo(Name)

export const Forward = forwardRef<HTMLParagraphElement, Named>(({ name }, ref) => <p ref={ref}>Hi {name}</p>)

export const MemoForward = memo(Forward)

export const Lazy = lazy(async () => ({ default: Name }))

export class Class extends Component<Named> {
  override render(): ReactNode {
    return <p>Hi {this.props.name}</p>
  }
}
