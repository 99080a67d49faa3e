/** The data of the order mail that every template engine renders. */
export interface Order {
  readonly name: string
  readonly items: readonly { readonly id: number; readonly title: string; readonly price: string }[]
  readonly total: string
}

/** An order of 40 lines. No two have the same name, addresses and prices. */
export function orderOf(number: number): Order {
  const items = Array.from({ length: 40 }, (_, line) => ({
    id: 40 * number + line,
    title: `Darjeeling & Sons no. ${40 * number + line}`,
    price: `${number % 90}.${10 + line}`,
  }))
  return { name: `Ann the ${number}th <Tea & Co.>`, items, total: `${number}.00` }
}
