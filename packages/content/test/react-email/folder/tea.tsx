import type { ReactNode } from 'react'

export const subject = ({ name }: { name: string }): string => `Tea for ${name}`

export default function Tea({ name }: { name: string }): ReactNode {
  return <p>Hi {name}</p>
}
