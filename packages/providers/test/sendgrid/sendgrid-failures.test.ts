import {
  cutsEveryAnswer,
  keepsTheContract,
  losesConnections,
  playsEveryFailure,
  type Subject,
} from '../suites.ts'
import { sendgrid } from '../../src/sendgrid/index.ts'

const key = 'SG.q4tR7yUw.s3cr3t-Key_0123456789'
const subject: Subject = { name: 'sendgrid', key, create: (url, more) => sendgrid({ key, url, ...more }) }

playsEveryFailure(subject)
cutsEveryAnswer(subject)
losesConnections(subject)
keepsTheContract(subject)
