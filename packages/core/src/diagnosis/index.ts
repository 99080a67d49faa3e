export { diagnoseConnectionError, type ConnectionDiagnosis } from './connection.ts'
export { parseReply } from './parse-reply.ts'
export { diagnoseReply, type Diagnosis } from './reply.ts'
