export { nodemailer } from './nodemailer.ts'
export { provisionCallback } from './provision-callback.ts'
export { nodemailerSchemes } from './schemes.ts'
export type { TransporterInput } from './transporter.ts'
