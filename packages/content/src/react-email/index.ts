export { reactEmail, type ReactEmailOptions } from './react-email.ts'
