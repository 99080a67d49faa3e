/** The data of the order mail that every template engine renders. */
export interface Order {
  readonly name: string
  readonly items: readonly { readonly id: number; readonly title: string; readonly price: string }[]
  readonly total: string
}

export const ORDER: Order = {
  name: 'Ann <Tea & Co.>',
  items: Array.from({ length: 40 }, (_, id) => ({ id, title: `Darjeeling & Sons no. ${id}`, price: '9.95' })),
  total: '398.00',
}
