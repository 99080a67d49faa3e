/** Customers get the report and can ask for a new password. A real shop has a database. */
export const customers: readonly string[] = ['ann@example.com', 'bob@example.com', 'carol@example.com']

export function isCustomer(address: string): boolean {
  return customers.includes(address)
}
