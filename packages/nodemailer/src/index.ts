export { nodemailer } from './nodemailer.ts'
export { nodemailerSchemes } from './schemes.ts'
export type { TransporterInput } from './transporter.ts'
