/** What the mail is about. */
export interface Order {
  readonly address: string
  readonly name: string
  readonly number: string
  readonly lines: readonly { readonly tea: string; readonly amount: number; readonly price: number }[]
}

export const order: Order = {
  address: 'ann@example.com',
  name: 'Ann & Bob',
  number: '4711',
  lines: [
    { tea: 'Assam', amount: 2, price: 850 },
    { tea: 'Grüner Tee', amount: 1, price: 1200 },
  ],
}

/** A helper of the templates: an amount in cents. */
export const money = (cents: number): string =>
  new Intl.NumberFormat('en', { style: 'currency', currency: 'EUR' }).format(cents / 100)
