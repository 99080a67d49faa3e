export { instrumentMail, type InstrumentMailOptions, type MailInstrumentation } from './instrument-mail.ts'
