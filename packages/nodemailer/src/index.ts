export { nodemailer } from './nodemailer.ts'
export { schemes } from './schemes.ts'
export type { InnerTransport, TransporterInput } from './transporter.ts'
