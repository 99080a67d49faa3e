export { nodemailer } from './nodemailer.ts'
export { schemes } from './schemes.ts'
export type { TransporterInput } from './transporter.ts'
